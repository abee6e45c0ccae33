// How the studio looks: each view in light and dark, at a desk and on a phone.
// axe-core finds nothing serious, nothing overflows, and the pictures are left
// in screenshots/ of the build's folder, to be looked at.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { build, patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';
import { Complaints, PEOPLE, serious, timeout_ms, Window } from './window.mjs';

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 }, narrow: { width: 360, height: 640 } };

describe('the studio\'s looks', { timeout: 180_000 * patience }, () => {
	let otd, browser, one, two;
	const complaints = new Complaints();
	const pictures = path.join(build, 'screenshots');
	const ids = {};

	before(async () => {
		fs.mkdirSync(pictures, { recursive: true });
		otd = await Otd.start();
		browser = await openBrowser({ viewport: SIZES.desk });
		one = await Window.open(browser, otd.url, { person: PEOPLE[0], complaints });
		two = await Window.open(browser, otd.url, { person: PEOPLE[1], complaints });
		await fill();
	});
	after(async () => {
		await browser?.close();
		await otd?.stop();
	});

	/** Something to look at, by two people. */
	async function fill() {
		ids.code = await one.create('Code', 'greeting.js');
		await one.code.click();
		await one.page.keyboard.insertText('// Says hello to everybody who is here.\nexport function greet(people) {\n' +
			'\tconst names = people.map(({ name }) => name);\n\tif (names.length === 0) return "Nobody is here yet.";\n' +
			'\treturn `Hello ${names.join(", ")}, ${42} times!`;\n}\n');
		ids.form = await one.create('Form', 'Summer party');
		await one.field('What').fill('A party in the garden');
		await one.field('Notes').fill('From six o’clock. If it rains we are in the barn.');
		await one.field('Guests').fill('25');
		for (const line of ['Chairs for everybody', 'Lamps and a long cable', 'Ask the neighbours']) {
			await one.button('Add a line').click();
			await one.page.keyboard.type(line);
		}
		await one.field('Line 1 is done').check();
		ids.rich = await one.create('Rich text', 'Minutes of the meeting');
		await one.rich.click();
		await one.button('Bold').click();
		await one.page.keyboard.type('We met on Tuesday');
		await one.button('Bold').click();
		await one.page.keyboard.type(' and talked about the garden, the barn, and who brings what. It was agreed that:');
		await one.page.keyboard.press('Enter');
		await one.button('Bullets').click();
		for (const point of ['the grass is cut on Friday,', 'everybody brings a lamp,', 'nobody brings a drum.']) {
			await one.page.keyboard.type(point);
			await one.page.keyboard.press('Enter');
		}
		await one.saved();
	}

	/** Somebody else is in the document, with a cursor in it. */
	async function join(kind) {
		await two.go(ids[kind]);
		if (kind === 'form') return two.field('Notes').focus();
		await two[kind].click();
		await two.page.keyboard.press('Control+Home');
		for (let i = 0; i < 8; i++) await two.page.keyboard.press('Shift+ArrowRight');
	}

	const views = {
		list: () => one.go(null),
		rich: async () => { await join('rich'); await one.go(ids.rich); await one.rich.click(); await one.page.locator('.ql-cursor-caret').first().waitFor(); },
		code: async () => { await join('code'); await one.go(ids.code); await one.page.locator('.otd-caret').waitFor(); },
		form: async () => { await join('form'); await one.go(ids.form); await one.page.locator('[data-field="notes"][data-taken="true"]').waitFor(); },
		history: async () => {
			await one.go(ids.rich);
			await one.button('History').click();
			const v = String(Number(await one.slider.getAttribute('max')) - 2);
			await one.slider.fill(v);
			await one.page.locator(`.history-words[data-version="${v}"]`).waitFor();
			await one.page.locator('.history-view .ql-editor').waitFor();
			await one.page.getByText(/Version \d+ of \d+ · /).waitFor();
		},
		missing: async () => {
			await one.page.evaluate(() => { location.hash = '#/d/nowhere'; });
			await one.page.getByRole('heading', { name: 'There is no such document' }).waitFor();
		},
		profile: async () => { await one.go(null); await one.page.getByRole('button', { name: /^You are/ }).click(); },
	};

	for (const [view, show] of Object.entries(views))
		test(view, async () => {
			await one.page.setViewportSize(SIZES.desk);
			await show();
			const picture = (name) => one.page.screenshot({ path: path.join(pictures, `${view}-${name}.png`) });
			for (const size of ['desk', 'phone', 'narrow']) {
				await one.page.setViewportSize(SIZES[size]);
				const over = await one.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				assert.ok(over <= 0, `${view} is ${over} too wide on ${size}`);
				for (const colorScheme of ['light', 'dark']) {
					await one.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
					if (size === 'narrow') continue;
					await picture(`${size}-${colorScheme}`);
					assert.deepEqual(await serious(one.page), [], `${view}, ${size}, ${colorScheme}`);
				}
			}
		});

	test('an empty page is as wide as a full one', async () => {
		await one.page.keyboard.press('Escape');
		await one.page.setViewportSize(SIZES.desk);
		const wide = async () => (await one.rich.boundingBox()).width;
		await one.go(ids.rich);
		const full = await wide();
		await one.create('Rich text', 'Nothing yet');
		assert.equal(await wide(), full);
	});

	test('the button for light and dark overrules the system, and is remembered', async () => {
		await one.page.keyboard.press('Escape');
		await one.page.emulateMedia({ colorScheme: 'light' });
		const ground = () => one.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const light = await ground();
		await one.page.getByRole('button', { name: /Change to light/ }).click();
		await one.page.getByRole('button', { name: /Change to dark/ }).click();
		await until('dark', async () => (await ground()) !== light, { timeout_ms });
		await one.page.reload();
		await one.page.getByRole('button', { name: /Colours: dark/ }).waitFor();
		assert.notEqual(await ground(), light);
	});

	test('all is reached by keyboard, and where one is can be seen', async () => {
		await one.page.setViewportSize(SIZES.desk);
		await one.page.goto(`${otd.url}#/`);
		await one.page.reload();
		await one.line('Summer party').waitFor();
		const reached = [];
		for (let i = 0; i < 40; i++) {
			await one.page.keyboard.press('Tab');
			const stop = await one.page.evaluate(() => {
				const node = document.activeElement;
				const { outlineStyle, outlineWidth } = getComputedStyle(node);
				return { name: node.getAttribute('aria-label') ?? node.textContent.trim(), isSeen: node === document.body || outlineStyle !== 'none' && outlineWidth !== '0px' };
			});
			assert.ok(stop.isSeen, `the focus is seen on ${stop.name}`);
			reached.push(stop.name);
		}
		for (const name of ['Skip to the document', 'Work offline', 'New Form', 'Search by title', 'Rename Summer party', 'Delete greeting.js'])
			assert.ok(reached.includes(name), `${name} is reached: ${reached.join(', ')}`);
		// A link is followed, and the focus goes along.
		await one.line('Summer party').getByRole('link').press('Enter');
		await one.opened('Summer party');
		assert.equal(await one.page.evaluate(() => document.activeElement.id), 'content');
	});

	test('nothing was loaded from elsewhere, nothing was complained of', () => complaints.none());
});
