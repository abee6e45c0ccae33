// What the tests of the client run on: ShareDB's own server, and otd.  start(): {urls, stop()}; of an otd, {otd} as well.
import { startReference } from '../interop/reference.mjs';
import { Otd } from '../lib/otd.mjs';

export const servers = {
	ShareDB: startReference,
	otd: async () => {
		const otd = await Otd.start();
		return { urls: [otd.ws], stop: () => otd.stop(), otd };
	},
};
