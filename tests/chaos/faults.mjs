/*
 * What is done to a world, by kind.  Faults of one lane come one after the other, those of different lanes at the same
 * time.  draw(chance) is what the fault is to be, plain data that the seed alone decides; run(world, drawn) does it and
 * returns when all is whole again.  A kind with weight 3 comes three times as often as one with 1.
 */
import { sleep } from '../lib/process.mjs';
import { signalFamily } from './family.mjs';

const span = (chance, from_ms, to_ms) => from_ms + chance.below(to_ms - from_ms);

const ofNode = (which) => [
	{
		kind: 'node killed', weight: 3,
		draw: (chance) => ({ which, away_ms: span(chance, 50, 1500) }),
		async run({ nodes }, { away_ms }) {
			await nodes[which].kill();
			await sleep(away_ms);
			await nodes[which].revive();
		},
	}, {
		kind: 'node frozen', weight: 3,
		draw: (chance) => ({ which, away_ms: span(chance, 200, 3000) }),
		async run({ nodes }, { away_ms }) {
			signalFamily(nodes[which].pid, 'SIGSTOP');
			await sleep(away_ms);
			signalFamily(nodes[which].pid, 'SIGCONT');
		},
	}, {
		kind: 'node told to leave', weight: 2,
		draw: (chance) => ({ which, away_ms: span(chance, 50, 1000) }),
		async run({ nodes }, { away_ms }) {
			await nodes[which].leave();
			await sleep(away_ms);
			await nodes[which].revive();
		},
	}, {
		kind: 'worker killed', weight: 3,
		draw: (chance) => ({ which, worker: chance.below(2) }),
		run: async ({ nodes }, { worker }) => nodes[which].killWorker(worker),
	},
];

const SECONDS = [-86_400, -3_600, -60, -5, 0, 5, 60, 3_600, 86_400];

export const ofCluster = {
	'node A': ofNode(0),
	'node B': ofNode(1),
	clocks: [{
		kind: 'clock stepped', weight: 1,
		draw: (chance) => ({ which: chance.below(2), seconds: chance.one(SECONDS) }),
		run: async ({ nodes }, { which, seconds }) => nodes[which].setClock(seconds),
	}],
	postgres: [
		{
			kind: 'postgres restarted', weight: 2,
			draw: (chance) => ({ how: chance.one(['SIGINT', 'SIGQUIT']), away_ms: span(chance, 50, 2500) }),
			run: ({ pg }, { how, away_ms }) => pg.restart(how, away_ms),
		}, {
			kind: 'postgres killed', weight: 2,
			draw: (chance) => ({ away_ms: span(chance, 50, 2500) }),
			run: ({ pg }, { away_ms }) => pg.crash(away_ms),
		}, {
			kind: 'standby promoted', weight: 2,
			draw: (chance) => ({ away_ms: span(chance, 0, 1000) }),
			run: ({ pg }, { away_ms }) => pg.change(away_ms),
		}, {
			kind: 'standby frozen', weight: 2,
			draw: (chance) => ({ away_ms: span(chance, 200, 2500) }),
			async run({ pg }, { away_ms }) {
				signalFamily(pg.standby.server.pid, 'SIGSTOP');
				await sleep(away_ms);
				signalFamily(pg.standby.server.pid, 'SIGCONT');
			},
		}, {
			kind: 'postgres frozen', weight: 2,
			draw: (chance) => ({ away_ms: span(chance, 200, 2500) }),
			async run({ pg }, { away_ms }) {
				signalFamily(pg.primary.server.pid, 'SIGSTOP');
				await sleep(away_ms);
				signalFamily(pg.primary.server.pid, 'SIGCONT');
			},
		}, {
			kind: 'postgres connections ended', weight: 3,
			draw: (chance) => ({ times: 1 + chance.below(4), between_ms: span(chance, 10, 300) }),
			async run({ pg }, { times, between_ms }) {
				for (let i = 0; i < times; i++) {
					await pg.primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'otd'");
					await sleep(between_ms);
				}
			},
		},
	],
	redis: [
		{
			kind: 'redis killed', weight: 2,
			draw: (chance) => ({ away_ms: span(chance, 50, 2500) }),
			async run({ redis }, { away_ms }) {
				await redis.down();
				await sleep(away_ms);
				await redis.up();
			},
		}, {
			kind: 'redis frozen', weight: 2,
			draw: (chance) => ({ away_ms: span(chance, 200, 2500) }),
			async run({ redis }, { away_ms }) {
				signalFamily(redis.server.pid, 'SIGSTOP');
				await sleep(away_ms);
				signalFamily(redis.server.pid, 'SIGCONT');
			},
		}, {
			kind: 'redis emptied', weight: 2,
			draw: () => ({}),
			run: (world) => world.redisSay('FLUSHALL'),
		}, {
			kind: 'redis connections cut', weight: 2,
			draw: (chance) => ({ type: chance.one(['normal', 'pubsub']) }),
			run: (world, { type }) => world.redisSay('CLIENT', 'KILL', 'TYPE', type),
		},
	],
	'wires of A': ofWires(0),
	'wires of B': ofWires(1),
	readers: ofReaders(),
};

// Of an otd alone on its embedded store.
export const ofOneAlone = {
	node: ofNode(0).filter(({ kind }) => kind !== 'worker killed'),
	disk: [{
		kind: 'disk full', weight: 1,
		draw: (chance) => ({ how: chance.one(['space', 'limit']), away_ms: span(chance, 100, 2500) }),
		async run({ disk, nodes }, { how, away_ms }) {
			await disk.fill(how, nodes[0].pid);
			await sleep(away_ms);
			await disk.free();
		},
	}],
	readers: ofReaders(),
};

function ofReaders() {
	return [{
		kind: 'readers slow', weight: 1,
		draw: (chance) => ({ away_ms: span(chance, 1000, 5000) }),
		async run({ slow }, { away_ms }) {
			for (const reader of slow) reader.isSlow = true;
			await sleep(away_ms);
			for (const reader of slow) reader.isSlow = false;
		},
	}];
}

function ofWires(which) {
	const wire = (kind, mode, weight, from_ms, to_ms) => ({
		kind, weight,
		draw: (chance) => ({ wire: chance.below(4), late_ms: span(chance, 5, 150), away_ms: span(chance, from_ms, to_ms) }),
		async run({ nodes }, { wire, late_ms, away_ms }) {
			const { wires } = nodes[which];
			wires[wire].set(mode, late_ms);
			await sleep(away_ms);
			wires[wire].set('pass');
		},
	});
	return [
		wire('packets late', 'late', 3, 300, 4000),
		wire('packets held back', 'stall', 3, 200, 3000),
		wire('packets lost', 'lose', 3, 200, 3000),
		wire('connections cut', 'shut', 2, 0, 1500),
	];
}
