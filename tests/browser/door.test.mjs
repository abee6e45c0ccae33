// The studio on a server that wants to know who comes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { Otd, otd as run } from '../lib/otd.mjs';
import { patience, program, temporaryFolder } from '../lib/paths.mjs';
import { execFileSync } from 'node:child_process';
import { Complaints, serious, Window } from './window.mjs';

const SECRET = 'a secret of the tests, thirty-two bytes and more';

describe('signing in', { timeout: 90_000 * patience }, () => {
	let otd, browser;
	const complaints = new Complaints();
	const folder = temporaryFolder('door');
	const policy = path.join(folder, 'policy.json');

	before(async () => {
		fs.writeFileSync(policy, JSON.stringify({
			rules: [
				{ name: 'who is known works on all documents', who: 'authenticated', allow: '*', collections: ['studio', 'studio-documents'] },
				{ name: 'and sees who is here', who: 'authenticated', allow: ['presence'], channels: ['studio'] },
			],
		}));
		browser = await openBrowser({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'] });
	});
	after(async () => {
		await browser?.close();
		await otd?.stop();
	});

	test('a token is pasted; a wrong one is refused in words', async () => {
		otd = await Otd.start({ args: ['--auth', 'jwt', '--policy', policy], env: { OTD_JWT_SECRET: SECRET } });
		const one = await Window.open(browser, otd.url, { complaints });
		await one.page.getByRole('heading', { name: 'Sign in' }).waitFor();
		assert.equal(await one.page.getByLabel('Password').count(), 0);
		await one.page.getByLabel('Access token').fill('no token');
		await one.button('Sign in').click();
		await one.page.getByRole('alert').filter({ hasText: /token/ }).waitFor();
		const { text } = await run(['token', '--sub', 'ada', '--claim', 'name=Ada'], { env: { OTD_JWT_SECRET: SECRET } });
		await one.page.getByLabel('Access token').fill(text.trim());
		await one.button('Sign in').click();
		await one.create('Code', 'Behind the door');
		await one.code.click();
		await one.page.keyboard.insertText('let in');
		await one.saved();
		await one.page.reload();
		await one.opened('Behind the door');
		await one.close();
		await otd.stop();
	});

	test('a token that is good no more: one signs in again, and what was written meanwhile is sent', async () => {
		const mint = async (secret) => (await run(['token', '--sub', 'ada'], { env: { OTD_JWT_SECRET: secret } })).text.trim();
		otd = await Otd.start({ args: ['--auth', 'jwt', '--policy', policy], env: { OTD_JWT_SECRET: SECRET } });
		const one = await Window.open(browser, otd.url, { complaints });
		await one.page.getByLabel('Access token').fill(await mint(SECRET));
		await one.button('Sign in').click();
		await one.create('Code', 'Ends');
		await one.saved();
		await otd.stop();
		await one.connection('offline');
		await one.code.click();
		await one.page.keyboard.insertText('meanwhile');
		otd.env.OTD_JWT_SECRET = SECRET.toUpperCase();
		await otd.up();
		const again = one.page.getByRole('dialog', { name: 'Sign in again' });
		await again.waitFor({ timeout: 30_000 * patience });
		assert.equal(await one.codeText(), 'meanwhile');
		await again.getByLabel('Access token').fill(await mint(otd.env.OTD_JWT_SECRET));
		await again.getByRole('button', { name: 'Sign in' }).click();
		await again.waitFor({ state: 'detached' });
		await one.connection('online');
		await one.saved();
		await one.close();
		await otd.stop();
	});

	test('offline writing that is refused is told, and can be had back', async () => {
		const strict = path.join(folder, 'strict.json');
		fs.writeFileSync(strict, JSON.stringify({ rules: [
			{ name: 'all may', who: 'authenticated', allow: '*', collections: ['studio', 'studio-documents'] },
			{ name: 'and be seen', who: 'authenticated', allow: ['presence'], channels: ['studio'] },
		] }));
		otd = await Otd.start({ args: ['--auth', 'jwt', '--policy', strict], env: { OTD_JWT_SECRET: SECRET } });
		const { text } = await run(['token', '--sub', 'ada'], { env: { OTD_JWT_SECRET: SECRET } });
		const one = await Window.open(browser, otd.url, { complaints });
		await one.page.getByLabel('Access token').fill(text.trim());
		await one.button('Sign in').click();
		await one.create('Code', 'Closed meanwhile');
		await one.code.click();
		await one.page.keyboard.insertText('before');
		await one.saved();
		await one.offlineSwitch().click();
		await one.connection('offline');
		await one.code.click();
		await one.page.keyboard.press('Control+End');
		await one.page.keyboard.insertText(' and offline');
		await otd.stop();
		const rules = JSON.parse(fs.readFileSync(strict, 'utf8'));
		rules.rules.push({ name: 'contents are closed', who: 'anybody', deny: ['edit'], collections: ['studio-documents'] });
		fs.writeFileSync(strict, JSON.stringify(rules));
		await otd.up();
		await one.offlineSwitch().click();
		const told = one.page.getByRole('alert', { name: 'What was refused' });
		await told.waitFor();
		await told.getByRole('button', { name: 'Copy it' }).click();
		await one.page.getByText('It is on the clipboard').waitFor();
		assert.equal(await one.page.evaluate(() => navigator.clipboard.readText()), 'before and offline');
		await told.getByRole('button', { name: 'Forget it' }).click();
		await told.waitFor({ state: 'detached' });
		await one.close();
		await otd.stop();
	});

	test('a name and a password; the login lasts over reloading', async () => {
		const store = `sqlite:${path.join(temporaryFolder('db'), 'otd.db')}`;
		execFileSync(program('otd'), ['migrate', 'up', '--store', store], { stdio: 'ignore' });
		execFileSync(program('otd'), ['user', 'add', 'grace', '--display-name', 'Grace H', '--store', store], { input: 'correct horse battery\n' });
		otd = await Otd.start({ store, args: ['--auth', 'jwt', '--users', 'on', '--policy', policy] });
		const one = await Window.open(browser, otd.url, { complaints });
		await one.page.getByLabel('Name').waitFor();
		for (const colorScheme of ['light', 'dark']) {
			await one.page.emulateMedia({ colorScheme });
			assert.deepEqual(await serious(one.page), [], colorScheme);
		}
		await one.page.getByLabel('Name').fill('grace');
		await one.page.getByLabel('Password').fill('wrong horse battery');
		await one.button('Sign in').click();
		await one.page.getByRole('alert').filter({ hasText: /password/ }).waitFor();
		await one.page.getByLabel('Password').fill('correct horse battery');
		await one.button('Sign in').click();
		await one.connection('online');
		await one.create('Form', 'A plan of hers');
		await one.saved();
		await one.page.reload();
		await one.opened('A plan of hers');
		await one.connection('online');
		assert.equal(await one.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]).includes('eyJ')), false, 'no token is kept where scripts see it');
		await one.page.getByRole('button', { name: /^You are/ }).click();
		await one.page.getByText('Signed in as Grace H').waitFor();
		await one.button('Sign out').click();
		await one.page.getByRole('heading', { name: 'Sign in' }).waitFor();
		await one.close();
	});

	test('a page without TLS of another host lacks some of the browser, and works', async () => {
		const plain = await openBrowser({ viewport: { width: 1280, height: 800 }, args: ['--host-resolver-rules=MAP studio.test 127.0.0.1'] });
		try {
			await otd?.stop();
			otd = await Otd.start();
			const url = `http://studio.test:${otd.port}/`;
			const one = await Window.open(plain, url);
			await one.connection('online');
			assert.equal(await one.page.evaluate(() => isSecureContext), false);
			const told = one.page.getByText('This browser keeps nothing').waitFor();
			await one.create('Form', 'On the local network');
			await told;
			await one.button('Add a line').click();
			await one.page.keyboard.type('a line');
			await one.saved();
			await one.button('Copy the link').click();
			await one.page.getByText('The link is copied').waitFor();
			await one.offlineSwitch().click();
			await one.field('What').fill('kept');
			await one.page.locator('.save-state[data-state="offline"]').waitFor();
			await one.offlineSwitch().click();
			await one.saved();
			await one.page.reload();
			await one.opened('On the local network');
			assert.equal(await one.field('What').inputValue(), 'kept');
			assert.equal(await one.field('Line 1').inputValue(), 'a line');
		} finally {
			await plain.close();
		}
	});

	test('nothing was complained of', () => complaints.none());
});
