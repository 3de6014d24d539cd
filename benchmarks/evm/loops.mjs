// One program for each instruction: a loop of a few thousand rounds whose body runs it 32 times, each time on what the time before left.
const BIG = 'f7a3b1c95627e42aa6d1e7f58480843b91d5f3a4c2b19e8877665544332211ff';
const ODD = '00000000000000008b61cf406f8000000123456789abcdef5555aaaa12345677';

const push = (hex) => (0x5f + hex.length / 2).toString(16) + hex;
const word = (number) => push(number.toString(16).padStart(4, '0'));

// before: leaves words on the stack; body: keeps their number.
function loop(name, before, body, rounds = 2000, unroll = 32) {
  // The body works on the top of the stack, so the counter stands in memory, beyond what bodies use.
  const code = before + word(rounds) + push('1fe0') + '52' + '5b' + body.repeat(unroll) + push('1fe0') + '51' + '60019003' + '80' + push('1fe0') + '52';
  const destination = (before + word(rounds) + push('1fe0') + '52').length / 2;
  return { name, code: '0x' + code + word(destination) + '57' + '00', input: '0x' };
}

const chain = (opcode) => '81' + opcode; // DUP2 OP: x = x op y
const mixed = (opcode) => '8181' + opcode + '18'; // x ^= x op y, so that x stays long

export function loops() {
  const two = push(ODD) + push(BIG);
  const small = push('03e7') + push('0fffffffffff');
  const list = [];
  const binary = { add: '01', mul: '02', sub: '03', and: '16', or: '17', xor: '18' };
  for (const [name, opcode] of Object.entries(binary)) {
    list.push(loop(name, two, chain(opcode)));
    list.push(loop(`${name}_small`, small, chain(opcode)));
  }
  for (const [name, opcode] of Object.entries({ div: '04', sdiv: '05', mod: '06', smod: '07', lt: '10', gt: '11', slt: '12', sgt: '13', eq: '14' })) {
    list.push(loop(name, two, mixed(opcode)));
    list.push(loop(`${name}_small`, small, mixed(opcode)));
  }
  list.push(loop('signextend', push('07') + push(BIG), mixed('0b')), loop('byte', push('07') + push(BIG), '81811a18'), loop('shl', push('07') + push(BIG), '80821b18'), loop('shr', push('07') + push(BIG), '80821c18'), loop('sar', push('07') + push(BIG), '80821d18'));
  list.push(loop('iszero', push(BIG), '801518'), loop('not', push(BIG), '19'), loop('clz', push(BIG), '801e18'));
  list.push(loop('addmod', push(BIG.replace('f7', 'ff')) + two, '82828208' + '18'), loop('mulmod', push(BIG.replace('f7', 'ff')) + two, '82828209' + '18'));
  list.push(loop('exp_256', two, mixed('0a'), 100), loop('exp_2', push(BIG), '6085' + '6002' + '0a18'), loop('exp_10', push('12'), '80600a0a18', 1000));
  list.push(loop('mload', push(BIG), push('40') + '5118'), loop('mstore', push(BIG), '80' + push('40') + '52'), loop('mstore8', push(BIG), '80' + push('45') + '53'), loop('mload_dynamic', push('40'), '80805118601f16604001' + '9050'), loop('msize', push(BIG), '5918'));
  list.push(loop('keccak_32', '', '60205f205f52'), loop('keccak_64', '', '60405f205f52'), loop('keccak_1k', '', '6104005f205f52', 500), loop('keccak_64_same', push(BIG), '60406080' + '2018'));
  list.push(loop('calldataload', push(BIG), '5f3518'), loop('calldatasize', push(BIG), '3618'), loop('caller', push(BIG), '3318'), loop('address', push(BIG), '3018'), loop('callvalue', push(BIG), '3418'), loop('gas', push(BIG), '5a18'), loop('pc', push(BIG), '5818'),
    loop('timestamp', push(BIG), '4218'), loop('number', push(BIG), '4318'), loop('gasprice', push(BIG), '3a18'), loop('selfbalance', push(BIG), '4718'), loop('chainid', push(BIG), '4618'), loop('returndatasize', push(BIG), '3d18'), loop('codesize', push(BIG), '3818'));
  list.push(loop('balance', push(BIG), '303118'), loop('extcodesize', push(BIG), '303b18'), loop('extcodehash', push(BIG), '303f18'), loop('blockhash', push(BIG), '5f4018'));
  list.push(loop('sload', push(BIG), '6001' + '5418'), loop('sstore', push(BIG), '80600155', 500), loop('tload', push(BIG), '60015c18'), loop('tstore', push(BIG), '8060015d', 500));
  list.push(loop('calldatacopy_256', '', '6101005f5f37'), loop('codecopy_256', '', '6101005f5f39'), loop('mcopy_256', '', '61010061020060805e'), loop('mcopy_1k', '', '61040061080060805e'));
  list.push(loop('log0', '', '60205fa0', 500), loop('log2', '', '6001600260205fa2', 500));
  list.push(loop('jump', push(BIG), '58600501565b', 2000), loop('push_pop', push(BIG), '7f' + ODD + '50'), loop('dup_swap', two, '9080915090'));
  list.push(loop('call_empty', '', '5f5f5f5f5f73' + '00000000000000000000000000000000c0de0003' + '5af150', 200), loop('staticcall_identity', '', '602060' + '00' + '602060' + '0060045afa50', 200));
  // What differs each time: the gas left names the slot, the account, the place.
  list.push(loop('tload_fresh', push(BIG), '5a5c18', 1000), loop('tstore_fresh', push(BIG), '805a5d', 200), loop('sload_fresh', push(BIG), '5a5418', 50), loop('sstore_fresh', push(BIG), '805a55', 50),
    loop('balance_fresh', push(BIG), '5a3118', 50), loop('extcodehash_fresh', push(BIG), '5a3f18', 50), loop('call_fresh', '', '5f5f5f5f5f5a5af150', 50), loop('create_empty', '', '5f5f5ff050', 20),
    loop('blockhash_past', push(BIG), '5a4018'), loop('memory_growth', '', '595952', 100));
  list.push(loop('blobhash', push(BIG), '5f4918'), loop('calldataload_past', push(BIG), '60643518'), loop('origin', push(BIG), '3218'), loop('coinbase', push(BIG), '4118'), loop('prevrandao', push(BIG), '4418'),
    loop('gaslimit', push(BIG), '4518'), loop('basefee', push(BIG), '4818'), loop('blobbasefee', push(BIG), '4a18'), loop('keccak_0', push(BIG), '5f5f2018'), loop('extcodecopy_256', '', '6101005f5f303c'));
  for (const [name, address] of Object.entries({ sha256: 2, ripemd160: 3, modexp: 5 })) list.push(loop(`${name}_256`, '', `60205f6101005f60${address.toString(16).padStart(2, '0')}5afa50`, 100));
  return list;
}
