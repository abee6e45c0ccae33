/*
 * A disk that can be full.  Where we may mount it is a small file system of its own, and a file takes what is left of it
 * (ENOSPC).  Elsewhere, and where that is asked for, no file may be written beyond its first page (RLIMIT_FSIZE, EFBIG).
 */
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { temporaryFolder } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';

const SIZE = '64m';

export class Disk {
	static async make() {
		const disk = new Disk();
		disk.folder = temporaryFolder('disk');
		try {
			await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=755`, 'none', disk.folder]);
			disk.isMounted = true;
			// Should nobody come to remove() it: before the folder is.
			process.prependOnceListener('exit', disk.unmount = () => execFileSync('umount', ['-l', disk.folder]));
		} catch {
			disk.isMounted = false;
		}
		return disk;
	}

	// how: 'space' or 'limit'; pid: whose files are meant.
	async fill(how, pid) {
		this.pid = how === 'space' && this.isMounted ? null : pid;
		if (this.pid) {
			await limit(pid, '4096');
			return;
		}
		const filler = fs.openSync(path.join(this.folder, 'filler'), 'w');
		try {
			for (const block of [1 << 20, 1 << 12])
				for (;;) fs.writeSync(filler, Buffer.alloc(block));
		} catch (error) {
			if (error.code !== 'ENOSPC') throw error;
		} finally {
			fs.closeSync(filler);
		}
	}

	async free() {
		if (this.pid) await limit(this.pid, 'unlimited');
		this.pid = null;
		fs.rmSync(path.join(this.folder, 'filler'), { force: true });
	}

	async remove() {
		if (!this.isMounted) return;
		process.removeListener('exit', this.unmount);
		await run('umount', [this.folder]);
		this.isMounted = false;
	}
}

// Who has just been killed has no limit any more.
async function limit(pid, bytes) {
	await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]).catch((error) => {
		if (fs.existsSync(`/proc/${pid}`)) throw error;
	});
}
