export { changesOf, fromUnicode, opOf, textDiff, toUnicode } from './op.js';
export type { TextChange, TextOp } from './op.js';
export { SharedText } from './shared.js';
export type { Path, SharedTextEvents } from './shared.js';
