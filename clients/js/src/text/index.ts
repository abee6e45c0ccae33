export { changesOf, fromUnicode, opOf, textDiff, toUnicode } from './op.js';
export type { Selected, TextChange, TextOp, Units } from './op.js';
export { SharedText } from './shared.js';
export type { SharedTextEvents } from './shared.js';
export type { Path } from './dialect.js';
// For bindings of editors.
export { Cursors } from './cursors.js';
export type { Cursor, CursorsEvents, Person, Placed } from './cursors.js';
export { Hold, type Holding } from './hold.js';
export { Link, type Editor } from './link.js';
export type { LineKind } from './lines.js';
export { carry } from './op.js';
