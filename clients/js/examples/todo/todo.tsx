import { type FormEvent, useEffect, useState } from 'react';
import { useDoc, useDocData, usePresence, useSaveState, useUndo } from 'otd-client/react';

interface Task { id: string; text: string; done: boolean }
interface List { tasks: Task[] }

export function Todo({ list, me }: { list: string; me: string }) {
	const { doc, error } = useDoc<List>('lists', list, { create: { tasks: [] } });
	const tasks = useDocData(doc, (data) => data.tasks);
	const saved = useSaveState(doc);
	// Each change is a step of its own: what one clicks is what one takes back.
	const { undo, redo, canUndo, canRedo } = useUndo(doc, { group: 0 });
	const [others, setMe] = usePresence<{ name: string }>(`list ${list}`);
	const [text, setText] = useState('');

	useEffect(() => setMe({ name: me }), [setMe, me]);

	if (error) return <p role="alert">{error.message}</p>;
	if (!doc || !tasks) return <p>Loading</p>;

	// The operations are those of json0: what is inserted, deleted or replaced, and where.
	const submit = (op: object[]) => { void doc.submit(op).catch((refused: Error) => alert(refused.message)); };

	const add = (event: FormEvent) => {
		event.preventDefault();
		if (!text.trim()) return;
		submit([{ p: ['tasks', tasks.length], li: { id: crypto.randomUUID(), text: text.trim(), done: false } }]);
		setText('');
	};
	const tick = (at: number) => submit([{ p: ['tasks', at, 'done'], od: tasks[at].done, oi: !tasks[at].done }]);
	const remove = (at: number) => submit([{ p: ['tasks', at], ld: tasks[at] }]);

	return (
		<>
			<h1>To do</h1>
			<form onSubmit={add}>
				<label>New task <input value={text} onChange={(event) => setText(event.target.value)} /></label>
				<button>Add</button>
			</form>
			<ul>
				{tasks.map((task, at) => (
					<li key={task.id}>
						<label>
							<input type="checkbox" checked={task.done} onChange={() => tick(at)} /> <span>{task.text}</span>
						</label>
						<button aria-label={`Remove ${task.text}`} onClick={() => remove(at)}>×</button>
					</li>
				))}
			</ul>
			<button disabled={!canUndo} onClick={undo}>Undo</button> <button disabled={!canRedo} onClick={redo}>Redo</button>
			<p>
				<output>{saved}</output>
				{others.size > 0 && <span> · also here: {[...others.values()].map(({ name }) => name).join(', ')}</span>}
			</p>
		</>
	);
}
