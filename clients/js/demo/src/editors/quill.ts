// Quill with the formats that the studio has buttons for, and no others: no
// picture from elsewhere is loaded because somebody pasted it.
import Quill from 'quill/core';
import Blockquote from 'quill/formats/blockquote';
import Bold from 'quill/formats/bold';
import Code, { Code as InlineCode } from 'quill/formats/code';
import Header from 'quill/formats/header';
import IndentClass from 'quill/formats/indent';
import Italic from 'quill/formats/italic';
import Link from 'quill/formats/link';
import List from 'quill/formats/list';
import Strike from 'quill/formats/strike';
import Underline from 'quill/formats/underline';
import QuillCursors from 'quill-cursors';

Quill.register({
	'attributors/class/indent': IndentClass, 'formats/indent': IndentClass,
	'formats/blockquote': Blockquote, 'formats/bold': Bold, 'formats/code': InlineCode, 'formats/code-block': Code,
	'formats/header': Header, 'formats/italic': Italic, 'formats/link': Link, 'formats/list': List,
	'formats/strike': Strike, 'formats/underline': Underline, 'modules/cursors': QuillCursors,
});

/** An editor, named for those who hear it. */
export function makeQuill(home: HTMLElement, label: string, options: { readOnly?: boolean; placeholder?: string } = {}): Quill {
	const quill = new Quill(home, {
		...options,
		modules: { history: { maxStack: 0 }, ...(options.readOnly ? {} : { cursors: { transformOnTextChange: true } }) },
	});
	quill.root.setAttribute('role', 'textbox');
	quill.root.setAttribute('aria-multiline', 'true');
	quill.root.setAttribute('aria-label', label);
	if (options.readOnly) {
		quill.root.setAttribute('aria-readonly', 'true');
		quill.root.tabIndex = 0;
	}
	return quill;
}

export { Quill };
