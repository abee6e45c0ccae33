import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

// The colours are those of the page (styles/editors.css), so that they follow light and dark.
const colours = HighlightStyle.define([
	{ tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--code-keyword)' },
	{ tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
	{ tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--code-value)' },
	{ tag: [tags.comment, tags.meta], color: 'var(--code-comment)', fontStyle: 'italic' },
	{ tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.className, tags.typeName, tags.tagName], color: 'var(--code-name)' },
	{ tag: [tags.propertyName, tags.attributeName], color: 'var(--code-property)' },
	{ tag: tags.heading, color: 'var(--code-keyword)', fontWeight: '700' },
	{ tag: tags.strong, fontWeight: '700' },
	{ tag: tags.emphasis, fontStyle: 'italic' },
	{ tag: [tags.link, tags.url], color: 'var(--code-name)', textDecoration: 'underline' },
]);

const theme = EditorView.theme({
	'&': { backgroundColor: 'transparent', color: 'var(--ink)', height: '100%' },
	'&.cm-focused': { outline: 'none' },
	'.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '.9rem', lineHeight: '1.6' },
	'.cm-content': { padding: '1rem 0', caretColor: 'var(--ink)' },
	'.cm-line': { padding: '0 1.25rem 0 .75rem' },
	'.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
	'.cm-gutters': { backgroundColor: 'transparent', color: 'var(--soft)', border: '0', paddingLeft: '.5rem' },
	'.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--tint)' },
	'.cm-activeLineGutter': { color: 'var(--ink)' },
	'&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--selection)' },
	'&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selection)' },
});

/** How code looks, to be read or edited. */
export const codeLook: Extension = [lineNumbers(), drawSelection(), syntaxHighlighting(colours), bracketMatching(), theme];

/** Escape, then Tab, leaves the editor for those who have no mouse: CodeMirror's own way. */
export const codeKeys: Extension = [indentOnInput(), highlightActiveLine(), highlightActiveLineGutter(), keymap.of([...defaultKeymap, indentWithTab])];
