import type { ComponentType, LazyExoticComponent } from 'react';
import { lazy } from 'react';
import type { Doc } from 'otd-client';
import type { IconName } from '../ui/Icon.tsx';
import type { Entry } from './library.ts';

export type Kind = 'rich' | 'code' | 'form';

export interface EditorProps {
	doc: Doc<unknown>;
	/** Its line in the list, where the language of code is. */
	entry: Doc<Entry>;
	label: string;
	undo(): void;
	redo(): void;
}

export interface PreviewProps { data: unknown; language: string; label: string }

interface KindOf {
	name: string;
	about: string;
	icon: IconName;
	/** The OT type of its documents, and what a new one holds. */
	type: string;
	uri: string;
	empty: unknown;
	Editor: LazyExoticComponent<ComponentType<EditorProps>>;
	Preview: LazyExoticComponent<ComponentType<PreviewProps>>;
}

// Editors are large, and come when a document of theirs is opened.
const rich = () => import('../editors/RichText.tsx');
const code = () => import('../editors/Code.tsx');
const form = () => import('../editors/Form.tsx');

const IDLE_MS = 2000;

/** Have them before they are needed: without a network they could not come. */
export function fetchEditors(): () => void {
	const timer = setTimeout(() => void Promise.allSettled([rich(), code(), form()]), IDLE_MS);
	return () => clearTimeout(timer);
}

export const KINDS: Record<Kind, KindOf> = {
	rich: {
		name: 'Rich text', about: 'Notes, minutes, drafts, with headings and lists', icon: 'text',
		type: 'rich-text', uri: 'http://sharejs.org/types/rich-text/v1', empty: [{ insert: '\n' }],
		Editor: lazy(() => rich().then((m) => ({ default: m.RichText }))),
		Preview: lazy(() => rich().then((m) => ({ default: m.RichPreview }))),
	},
	code: {
		name: 'Code', about: 'A file with line numbers and colours', icon: 'code',
		type: 'text-unicode', uri: 'http://sharejs.org/types/text-unicode', empty: '',
		Editor: lazy(() => code().then((m) => ({ default: m.Code }))),
		Preview: lazy(() => code().then((m) => ({ default: m.CodePreview }))),
	},
	form: {
		name: 'Form', about: 'A plan with fields and a checklist: one JSON document', icon: 'form',
		type: 'json0', uri: 'http://sharejs.org/types/JSONv0',
		empty: { what: '', notes: '', guests: 0, status: 'idea', isPublic: false, items: [] },
		Editor: lazy(() => form().then((m) => ({ default: m.Form }))),
		Preview: lazy(() => form().then((m) => ({ default: m.FormPreview }))),
	},
};

export const KIND_NAMES = Object.keys(KINDS) as Kind[];
export const isKind = (value: unknown): value is Kind => typeof value === 'string' && Object.hasOwn(KINDS, value);
