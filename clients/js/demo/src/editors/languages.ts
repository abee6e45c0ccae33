import { css } from '@codemirror/lang-css';
import { html } from '@codemirror/lang-html';
import { javascript } from '@codemirror/lang-javascript';
import { markdown } from '@codemirror/lang-markdown';
import { python } from '@codemirror/lang-python';
import type { Extension } from '@codemirror/state';

interface Language { name: string; extension(): Extension }

export const LANGUAGES: Record<string, Language> = {
	javascript: { name: 'JavaScript', extension: () => javascript({ jsx: true }) },
	typescript: { name: 'TypeScript', extension: () => javascript({ typescript: true, jsx: true }) },
	html: { name: 'HTML', extension: () => html() },
	css: { name: 'CSS', extension: () => css() },
	markdown: { name: 'Markdown', extension: () => markdown() },
	python: { name: 'Python', extension: () => python() },
	plain: { name: 'Plain text', extension: () => [] },
};

export const languageOf = (name: string | undefined): Extension =>
	(name && Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name]!.extension() : []);
