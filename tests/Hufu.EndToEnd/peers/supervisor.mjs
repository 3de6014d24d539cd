// Stands in the place of Lodestar's program and runs it; begins it again when it is killed. Its process id is in lodestar.pid.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

let child, isStopping = false;
// Whoever stops us waits five seconds: what has not ended by then would be left behind.
process.on('SIGTERM', () => { isStopping = true; child.kill('SIGTERM'); setTimeout(() => child.kill('SIGKILL'), 3000); });

function run() {
  child = spawn(process.execPath, [fileURLToPath(new URL('./lodestar.js', import.meta.url)), ...process.argv.slice(2)], { stdio: 'inherit' });
  fs.writeFileSync('lodestar.pid', String(child.pid));
  child.on('exit', (code, signal) => { if (signal === 'SIGKILL' && !isStopping) run(); else process.exit(code ?? 1); });
}
run();
