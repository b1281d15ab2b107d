// Ways of Node to read a file: node reading.js METHOD PATH prints its bytes.
const fs = require("fs");
const { pipeline } = require("stream");

const fail = (error) => {
	console.error(error.message);
	process.exit(1);
};
const put = (data) => process.stdout.write(data);

const methods = {
	readFile: (path) => fs.readFile(path, (error, data) => (error ? fail(error) : put(data))),
	readFileSync: (path) => put(fs.readFileSync(path)),
	"readFileSync-utf8": (path) => put(fs.readFileSync(path, "utf8")),
	promises: (path) => fs.promises.readFile(path).then(put, fail),
	createReadStream: (path) =>
		pipeline(fs.createReadStream(path), process.stdout, (error) => error && fail(error)),
	"stream-range": (path) =>
		pipeline(
			fs.createReadStream(path, { start: 0, end: fs.statSync(path).size - 1, highWaterMark: 100 }),
			process.stdout,
			(error) => error && fail(error),
		),
	readSync: (path) => {
		const fd = fs.openSync(path, "r");
		const buffer = Buffer.alloc(fs.fstatSync(fd).size);
		const n = fs.readSync(fd, buffer, 0, buffer.length, 0);
		put(buffer.subarray(0, n));
	},
	readvSync: (path) => {
		const parts = [Buffer.alloc(10), Buffer.alloc(fs.statSync(path).size - 10)];
		fs.readvSync(fs.openSync(path, "r"), parts, 0);
		put(Buffer.concat(parts));
	},
	readline: async (path) => {
		const input = fs.createReadStream(path).on("error", fail);
		for await (const line of require("readline").createInterface({ input })) put(line + "\n");
	},
	"copyFile": (path) => {
		const to = `${process.env.T}/node-copy`;
		fs.copyFileSync(path, to);
		put(fs.readFileSync(to));
		fs.unlinkSync(to);
	},
	watch: (path) => {
		const watcher = fs.watch(path, () => {});
		put(fs.readFileSync(path));
		watcher.close();
	},
	watchFile: (path) => {
		fs.watchFile(path, { interval: 50 }, () => {});
		put(fs.readFileSync(path));
		fs.unwatchFile(path);
	},
	access: (path) => {
		fs.accessSync(path, fs.constants.R_OK);
		put(fs.readFileSync(fs.realpathSync(path)));
	},
	require: (path) => put(JSON.stringify(require(fs.realpathSync(path)))),
};

methods[process.argv[2]](process.argv[3]);
