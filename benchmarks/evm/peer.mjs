// A node started for a benchmark: asked over HTTP, and held to the processor time of its threads, which a crowded machine changes least. Linux only.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export class Peer {
  constructor(name, port, command, args, env = {}) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.process = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } });
    process.on('exit', () => this.process.kill());
  }

  async ask(method, ...params) {
    const answer = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    const { result, error } = await answer.json();
    if (error) throw Object.assign(new Error(`${this.name} ${method}: ${error.message}`), { isRefusal: true });
    return result;
  }

  async ready() {
    for (let tries = 0; ; tries++) {
      try { return await this.ask('eth_chainId'); } catch (error) {
        if (tries > 300) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async place(address, code, storage = {}) {
    await this.ask('anvil_setCode', address, code);
    for (const [slot, value] of Object.entries(storage)) await this.ask('anvil_setStorageAt', address, '0x' + word(slot), '0x' + word(value));
  }

  // Milliseconds of processor time of all its threads meanwhile.
  async timed(action) {
    const before = this.processorTime();
    await action();
    return (this.processorTime() - before) / 1e6;
  }

  processorTime() {
    const tasks = `/proc/${this.process.pid}/task`;
    let sum = 0;
    for (const task of readdirSync(tasks)) {
      try { sum += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]); } catch { /* the thread has ended */ }
    }
    return sum;
  }
}

export const word = (number) => BigInt(number).toString(16).padStart(64, '0');
export const round3 = (value) => Math.round(value * 1000) / 1000;

// What a list of { name, ratio } comes to.
export function summary(list) {
  const worst = list.reduce((a, b) => (a.ratio > b.ratio ? a : b));
  return { geomean: round3(Math.exp(list.reduce((sum, { ratio }) => sum + Math.log(Math.max(ratio, 1e-4)), 0) / list.length)), worst: worst.name, worst_ratio: round3(worst.ratio) };
}
