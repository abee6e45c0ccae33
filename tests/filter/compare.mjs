// The same questions to memory, to stores and to mingo; where they differ.
import { Tool } from '../differential/tool.mjs';
import { exceptionOf, matcher, stored } from './mingo.mjs';
import { documents } from './order.mjs';
import { group } from './random.mjs';

export const DOCS = 40, QUERIES = 50;	// of a group

// JSON.stringify escapes lone surrogates, as strict JSON wants them.
const line = (o) => JSON.stringify(o);

// What an answer should be, by mingo: {ids} or {count} when it can be said of
// every document; else which documents must be in it and which must not.
function expected(q, docs, exceptions) {
	const { $sort = {}, $skip = 0, $limit = 0, $count = false, ...where } = q;
	const matches = matcher(where);
	const all = Object.entries(docs).map(([id, data]) => stored(id, data));
	const known = all.filter((doc) => {
		const name = exceptionOf(where, doc);
		if (name) exceptions[name] = (exceptions[name] ?? 0) + 1;
		return !name;
	});
	const yes = known.filter(matches).sort(documents($sort));
	if (known.length < all.length) {
		const isWhole = !$skip && !$limit && !$count;
		return { pairs: isWhole ? known.length : 0, known: isWhole ? known : [], yes: new Set(yes.map((doc) => doc._id)) };
	}
	const ids = yes.slice($skip, $limit ? $skip + $limit : undefined).map((doc) => doc._id);
	return { pairs: all.length, exact: $count ? line({ count: ids.length }) : line({ ids }) };
}

// Are the documents found in their order, by $sort or by id?
function isOrdered({ $sort = {} }, docs, { ids = [] }) {
	const order = documents($sort);
	const found = ids.map((id) => stored(id, docs[id]));
	return found.every((doc, i) => i === 0 || order(found[i - 1], doc) < 0);
}

// null, or what mingo would have said.
function differs(said, answer, want) {
	if (want.exact !== undefined) return said === want.exact ? null : want.exact;
	const ids = new Set(answer.ids);
	const wrong = want.known.filter((doc) => ids.has(doc._id) !== want.yes.has(doc._id));
	return wrong.length ? `otherwise about ${wrong.map((doc) => doc._id)}` : null;
}

// Ask groups [from, to) of a seed.  answerers: {name: arguments of
// filter-tool}, memory first.  Resolves to counts and the first differences.
export async function compare(tool, { seed, from = 0, to, answerers, most = 10, progress }) {
	const tools = Object.entries(answerers).map(([name, args]) => ({ name, tool: new Tool(tool, args) }));
	const found = { cases: 0, refused: 0, nonempty: 0, exact: 0, pairs: 0, exceptions: {}, differences: [] };
	try {
		for (let i = from; i < to && found.differences.length < most; i++) {
			const { docs, queries } = group(seed, i, { docs: DOCS, queries: QUERIES });
			const lines = [line({ docs }), ...queries.map((q) => line({ q }))];
			const answers = await Promise.all(tools.map(({ tool }) => tool.ask(lines)));
			const short = answers.findIndex((one) => one.length < lines.length);
			if (short >= 0) throw new Error(`${tools[short].name} ended: ${tools[short].tool.ended}`);
			queries.forEach((q, k) => {
				const [said, ...others] = answers.map((one) => one[k + 1]);
				const answer = JSON.parse(said);
				const tell = (who, theirs) => found.differences.push({ seed, group: i, q, who, memory: said, theirs, docs });
				found.cases++;
				found.nonempty += answer.ids?.length > 0 || answer.count > 0;
				others.forEach((other, n) => { if (other !== said) tell(tools[n + 1].name, other); });
				if ('error' in answer) return void found.refused++;
				if (!isOrdered(q, docs, answer)) tell('order', 'not in order');
				const want = expected(q, docs, found.exceptions);
				found.pairs += want.pairs;
				found.exact += want.exact !== undefined;
				const theirs = differs(said, answer, want);
				if (theirs !== null) tell('mingo', theirs);
			});
			progress?.(found);
		}
		for (const { name, tool } of tools) {
			const how = await tool.close();
			if (how !== 'exit 0') throw new Error(`${name}: ${how}`);
		}
	} finally {
		for (const { tool } of tools) tool.child.kill();	// those that are left
	}
	return found;
}
