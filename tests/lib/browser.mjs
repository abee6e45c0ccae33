// A real browser: Debian's Chromium, headless.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { chromium } from 'playwright-core';
import { temporaryFolder } from './paths.mjs';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

// profile: a folder that outlives it.
export async function openBrowser({ profile = temporaryFolder('chromium'), ...options } = {}) {
	const executablePath = BROWSERS.find((file) => fs.existsSync(file));
	assert.ok(executablePath, 'chromium is not installed');
	return chromium.launchPersistentContext(profile, {
		executablePath, headless: true, viewport: { width: 900, height: 900 },
		...options,
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
			'--disable-background-networking', '--disable-component-update', '--disable-sync', ...options.args ?? []],
	});
}
