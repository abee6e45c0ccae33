import Quill from 'quill';
import 'quill/dist/quill.snow.css';
import QuillCursors from 'quill-cursors';
import richText from 'rich-text';
import { connect } from 'otd-client';
import { offline } from 'otd-client/offline';
import { bindQuill } from 'otd-client/quill';

const asked = new URLSearchParams(location.search);
const client = connect(asked.get('server') ?? 'ws://127.0.0.1:7007/ws', {
	types: [richText],
	// Where people log in, a name for each: offline({ name: user.id })
	offline: offline(),
});
const page = client.doc('pages', asked.get('page') ?? 'first');
const saved = document.getElementById('saved');

Quill.register('modules/cursors', QuillCursors);
page.open({ create: [{ insert: '\n' }], type: 'rich-text' }).then(edit, (error) => { saved.value = error.message; });

function edit() {
	const quill = new Quill('#page', {
		theme: 'snow',
		modules: {
			cursors: true,
			// Undo takes back what was written here, and nothing else.
			history: { userOnly: true },
			toolbar: [['bold', 'italic', 'code'], [{ list: 'bullet' }, { header: 2 }]],
		},
	});
	bindQuill(quill, page, { person: { name: asked.get('name') ?? 'somebody', colour: '#1e6fb3' } });

	const show = () => { saved.value = page.saveState; };
	page.on('save', show);
	show();
}

document.getElementById('away').addEventListener('change', (event) => {
	if (event.target.checked) client.disconnect();
	else client.reconnect();
});
