// The instructions of arithmetic with operands of many shapes, and the precompiles with vectors: what one loop for each (loops.mjs) does not tell.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const push = (value) => {
  const digits = BigInt.asUintN(256, value).toString(16);
  const hex = digits.length % 2 ? '0' + digits : digits;
  return value === 0n ? '5f' : (0x5f + hex.length / 2).toString(16) + hex;
};
const push2 = (number) => '61' + number.toString(16).padStart(4, '0');
const COUNTER = push(0x1fe0n);

// before: leaves words on the stack; body: keeps their number; after: ends. The counter stands in memory.
function loop(name, before, body, { rounds = 500, unroll = 32, after = '5f5260205ff3', input = '0x' } = {}) {
  const head = before + push2(rounds) + COUNTER + '52';
  const code = head + '5b' + body.repeat(unroll) + COUNTER + '51' + '60019003' + '80' + COUNTER + '52' + push2(head.length / 2) + '57' + after;
  return { name, code: '0x' + code, input };
}

const BIG = 0xf7a3b1c95627e42aa6d1e7f58480843b91d5f3a4c2b19e8877665544332211ffn;
const numbers = {
  zero: 0n, one: 1n, bits8: 0x7bn, bits32: 0xdeadbeefn, bits63: 0x7edcba9876543211n, bits64: 0xfedcba9876543211n, bits128: BIG >> 128n, bits192: BIG >> 64n, bits256: BIG,
  minus5: -5n, minus100: -(2n ** 100n) - 12345n, power: 2n ** 130n, all: -1n,
};
const pairs = [
  ['bits8', 'bits32'], ['bits32', 'bits8'], ['bits64', 'bits64'], ['bits128', 'bits64'], ['bits192', 'bits128'], ['bits256', 'bits8'], ['bits256', 'bits64'], ['bits256', 'bits128'],
  ['bits256', 'bits256'], ['minus5', 'bits32'], ['minus100', 'minus5'], ['bits256', 'minus5'], ['bits256', 'power'], ['bits256', 'zero'], ['zero', 'bits256'], ['all', 'bits192'], ['bits256', 'one'],
];
const binary = { add: '01', mul: '02', sub: '03', div: '04', sdiv: '05', mod: '06', smod: '07', lt: '10', gt: '11', slt: '12', sgt: '13', eq: '14', and: '16', or: '17', xor: '18' };
const placed = { signextend: '0b', byte: '1a', shl: '1b', shr: '1c', sar: '1d' };
const moduli = [
  ['bits32', 'bits32', 'bits32'], ['bits64', 'bits64', 'bits64'], ['bits128', 'bits128', 'bits128'], ['bits256', 'bits256', 'bits64'], ['bits256', 'bits256', 'bits128'], ['bits256', 'bits256', 'bits192'],
  ['bits256', 'bits192', 'bits256'], ['bits256', 'bits256', 'all'], ['bits256', 'bits256', 'power'], ['bits256', 'bits256', 'zero'],
];

export function shapes() {
  const list = [];
  for (const [name, opcode] of Object.entries(binary)) {
    // What came before, xor x op y; the accumulator op a constant, and the other way round.
    for (const [x, y] of pairs) list.push(loop(`${name} ${x} ${y}`, '5f' + push(numbers[y]) + push(numbers[x]), '8181' + opcode + '921891'));
    for (const x of ['bits8', 'bits64', 'bits256', 'minus5']) {
      list.push(loop(`${name} constant ${x}`, push(BIG), '80' + push(numbers[x]) + opcode + '18'));
      list.push(loop(`${name} by constant ${x}`, push(BIG), push(numbers[x]) + '81' + opcode + '18'));
    }
  }
  for (const [name, opcode] of Object.entries(placed))
    for (const place of [0n, 1n, 7n, 31n, 64n, 128n, 200n, 256n]) list.push(loop(`${name} at ${place}`, push(BIG), '80' + push(place) + opcode + '18'));
  for (const [name, opcode] of Object.entries({ iszero: '15', not: '19', clz: '1e' }))
    for (const x of ['zero', 'bits8', 'bits64', 'bits256']) list.push(loop(`${name} ${x}`, push(numbers[x]), '80' + opcode + '18'));
  for (const [name, opcode] of Object.entries({ addmod: '08', mulmod: '09' }))
    for (const [x, y, modulus] of moduli) list.push(loop(`${name} ${x} ${y} ${modulus}`, push(numbers[y]) + push(numbers[x]), push(numbers[modulus]) + '8282' + opcode + '18', { rounds: 300 }));
  for (const [base, power] of [[2n, 200n], [3n, 5n], [10n, 18n], [10n, 77n], [BIG, 7n], [BIG, BIG], [0n, BIG], [BIG, 0n]])
    list.push(loop(`exp ${base < 100n ? base : 'bits256'} ${power < 300n ? power : 'bits256'}`, '5f', push(power) + push(base) + '0a18', { rounds: 50 }));
  for (const size of [0n, 1n, 32n, 64n, 100n, 136n, 256n, 1024n]) {
    list.push(loop(`keccak256 ${size}`, '5f', push(size) + '5f20' + '80' + '5f5218', { rounds: 100 }));
    for (const [name, opcode] of Object.entries({ mcopy: '5e', calldatacopy: '37', codecopy: '39', returndatacopy: '3e' }))
      list.push(loop(`${name} ${size}`, '5f5f' + push(size) + '5f60045afa50', push(size) + '5f' + push(0x2000n) + opcode, { rounds: 300, after: '00' }));
    for (let topics = 0; topics < 5; topics++) list.push(loop(`log${topics} ${size}`, '', push(7n).repeat(topics) + push(size) + '5f' + 'a' + topics, { rounds: 30, after: '00' }));
  }
  return list;
}

const addresses = {
  ecRecover: 1, modexp: 5, modexp_eip7883: 5, bn256Add: 6, bn256ScalarMul: 7, bn256Pairing: 8, blake2F: 9, pointEvaluation: 10,
  blsG1Add: 11, blsG1MultiExp: 12, blsG2Add: 13, blsG2MultiExp: 14, blsPairing: 15, blsMapG1: 16, blsMapG2: 17, p256Verify: 256,
};

// Vectors in geth's form (a list of { Name, Input }), of each precompile about eight.
export function vectors(folder) {
  const list = [];
  for (const [name, address] of Object.entries(addresses)) {
    const file = path.join(folder, name + '.json');
    if (!existsSync(file)) continue;
    const all = JSON.parse(readFileSync(file, 'utf8')).filter(({ Input }) => Input.length < 15_000), step = Math.ceil(all.length / 8);
    // The input is copied to memory once; 20,000,000 gas a call.
    for (const { Name, Input } of all.filter((_, index) => index % step === 0))
      list.push(loop(`${name} ${Name}`, '365f5f37', '610200612000365f' + push(BigInt(address)) + '6301312d00' + 'fa50', { rounds: 3, unroll: 2, after: '610200612000f3', input: '0x' + Input.replace(/^0x/, '') }));
  }
  return list;
}
