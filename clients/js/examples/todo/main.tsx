import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from 'otd-client';
import { OtdProvider } from 'otd-client/react';
import { Todo } from './todo';

const asked = new URLSearchParams(location.search);
const client = connect(asked.get('server') ?? 'ws://127.0.0.1:7007/ws');

createRoot(document.getElementById('list')!).render(
	<StrictMode>
		<OtdProvider client={client}>
			<Todo list={asked.get('list') ?? 'first'} me={asked.get('name') ?? 'somebody'} />
		</OtdProvider>
	</StrictMode>,
);
