// A bot that counts the words of every note, as people write them.
import { connect } from 'otd-client';
import WebSocket from 'ws';

const client = connect(process.argv[2] ?? 'ws://127.0.0.1:7007/ws', { WebSocket });
client.on('status', (status) => console.log(status));
client.on('error', (error) => console.error(error.message));

// Every note there is, and those that come.
const notes = client.query('notes');
notes.on('change', () => {
	for (const { id } of notes.results) watch(id);
});

const watched = new Set();

async function watch(id) {
	if (watched.has(id)) return;
	watched.add(id);
	const note = await client.doc('notes', id).open();
	note.on('change', () => count(note));
	count(note);
}

function count(note) {
	if (!note.exists) return;
	const { text = '', words } = note.data;
	const now = text.match(/\S+/g)?.length ?? 0;
	// Its own change comes by here, too, and ends here.
	if (now === words) return;
	note.submit([{ p: ['words'], od: words, oi: now }], 'bot')
		.then(() => console.log(`${note.id}: ${now} words`), (error) => console.error(error.message));
}

async function leave() {
	await client.saved();
	client.close();
}
process.once('SIGINT', leave);
process.once('SIGTERM', leave);
