// What scripts written for geth's tracers find around them. Numbers beyond 53 bits are objects with the methods of the
// big-integer library that those scripts know, over the language's own BigInt.
(function (host) {
var bigInt = (function () {
  function Big(value) { this.value = value; }
  function raw(x, radix) {
    if (x instanceof Big) return x.value;
    if (typeof x === 'bigint') return x;
    if (typeof x === 'number') return BigInt(Math.trunc(x));
    if (x === undefined || x === null) return 0n;
    var text = String(x).trim(), negative = text[0] === '-';
    if (negative) text = text.slice(1);
    var value = 0n;
    if (radix === undefined || radix === 10) value = BigInt(text);
    else if (radix === 16) value = BigInt('0x' + text.replace(/^0x/i, ''));
    else for (var i = 0; i < text.length; i++) value = value * BigInt(radix) + BigInt(parseInt(text[i], radix));
    return negative ? -value : value;
  }
  function big(x, radix) { return new Big(raw(x, radix)); }
  function sign(x, y) { return x < y ? -1 : x > y ? 1 : 0; }
  var operations = {
    add: function (y) { return new Big(this.value + raw(y)); },
    subtract: function (y) { return new Big(this.value - raw(y)); },
    multiply: function (y) { return new Big(this.value * raw(y)); },
    divide: function (y) { return new Big(this.value / raw(y)); },
    mod: function (y) { return new Big(this.value % raw(y)); },
    pow: function (y) { return new Big(this.value ** raw(y)); },
    and: function (y) { return new Big(this.value & raw(y)); },
    or: function (y) { return new Big(this.value | raw(y)); },
    xor: function (y) { return new Big(this.value ^ raw(y)); },
    not: function () { return new Big(~this.value); },
    shiftLeft: function (y) { return new Big(this.value << raw(y)); },
    shiftRight: function (y) { return new Big(this.value >> raw(y)); },
    negate: function () { return new Big(-this.value); },
    abs: function () { return new Big(this.value < 0n ? -this.value : this.value); },
    next: function () { return new Big(this.value + 1n); },
    prev: function () { return new Big(this.value - 1n); },
    compare: function (y) { return sign(this.value, raw(y)); },
    equals: function (y) { return this.value === raw(y); },
    notEquals: function (y) { return this.value !== raw(y); },
    greater: function (y) { return this.value > raw(y); },
    lesser: function (y) { return this.value < raw(y); },
    greaterOrEquals: function (y) { return this.value >= raw(y); },
    lesserOrEquals: function (y) { return this.value <= raw(y); },
    isZero: function () { return this.value === 0n; },
    isNegative: function () { return this.value < 0n; },
    isPositive: function () { return this.value > 0n; },
    isEven: function () { return (this.value & 1n) === 0n; },
    isOdd: function () { return (this.value & 1n) === 1n; },
    toString: function (radix) { return this.value.toString(radix === undefined ? 10 : radix); },
    toJSON: function () { return this.value.toString(); },
    toJSNumber: function () { return Number(this.value); },
    valueOf: function () { return Number(this.value); }
  };
  var others = {
    plus: 'add', minus: 'subtract', times: 'multiply', over: 'divide', remainder: 'mod', compareTo: 'compare', eq: 'equals', neq: 'notEquals',
    gt: 'greater', lt: 'lesser', geq: 'greaterOrEquals', leq: 'lesserOrEquals'
  };
  Object.assign(Big.prototype, operations);
  for (var name in others) Big.prototype[name] = operations[others[name]];
  big.zero = big(0);
  big.one = big(1);
  big.isInstance = function (x) { return x instanceof Big; };
  big.min = function (x, y) { return sign(raw(x), raw(y)) < 0 ? big(x) : big(y); };
  big.max = function (x, y) { return sign(raw(x), raw(y)) > 0 ? big(x) : big(y); };
  return big;
})();

// The engine's own versions of these recurse natively, which no limit stops. Written in the language they are stopped like any other call.
(function () {
  var deepest = 120;
  function quote(text) {
    return '"' + text.replace(/["\\\u0000-\u001f\u2028\u2029\ud800-\udfff]/g, function (c) { return '\\u' + ('000' + c.charCodeAt(0).toString(16)).slice(-4); }) + '"';
  }
  function write(value, key, depth) {
    if (depth > deepest) throw new TypeError('the value is nested too deeply to be written as JSON');
    if (value !== null && typeof value === 'object' && typeof value.toJSON === 'function') value = value.toJSON(key);
    if (value === null) return 'null';
    if (value instanceof Number || value instanceof String || value instanceof Boolean) value = value.valueOf();
    switch (typeof value) {
      case 'boolean': return value ? 'true' : 'false';
      case 'number': return isFinite(value) ? String(value) : 'null';
      case 'bigint': return value.toString();
      case 'string': return quote(value);
      case 'object': break;
      default: return undefined;
    }
    var parts = [], part;
    if (Array.isArray(value)) {
      for (var i = 0; i < value.length; i++) {
        part = write(value[i], String(i), depth + 1);
        parts.push(part === undefined ? 'null' : part);
      }
      return '[' + join(parts) + ']';
    }
    var keys = Object.keys(value);
    for (var k = 0; k < keys.length; k++) {
      part = write(value[keys[k]], keys[k], depth + 1);
      if (part !== undefined) parts.push(quote(keys[k]) + ':' + part);
    }
    return '{' + join(parts) + '}';
  }
  var nativeJoin = Array.prototype.join;
  // Of strings only, so that it has nothing to go down into.
  function join(texts) { return nativeJoin.call(texts, ','); }
  function replace(holder, name, value) { Object.defineProperty(holder, name, { value: value, writable: true, configurable: true, enumerable: false }); }
  replace(JSON, 'stringify', function (value) { return write(value, '', 0); });
  replace(Array.prototype, 'join', function (separator) {
    var texts = [];
    for (var i = 0; i < this.length; i++) texts.push(this[i] === null || this[i] === undefined ? '' : String(this[i]));
    return nativeJoin.call(texts, separator === undefined ? ',' : String(separator));
  });
  replace(Array.prototype, 'toString', function () { return this.join(); });
  replace(Array.prototype, 'toLocaleString', function () { return this.join(); });
  replace(Array.prototype, 'flat', function (depth) {
    var levels = depth === undefined ? 1 : depth, flat = [];
    for (var i = 0; i < this.length; i++) {
      if (Array.isArray(this[i]) && levels >= 1) {
        var inner = this[i].flat(levels - 1);
        for (var k = 0; k < inner.length; k++) flat.push(inner[k]);
      } else flat.push(this[i]);
    }
    return flat;
  });
  // One allocation is made before any limit is asked.
  var largest = 1 << 24, Bytes = Uint8Array;
  function Limited(x, offset, length) {
    if (typeof x === 'number' && x > largest) throw new RangeError('at most ' + largest + ' bytes in one array');
    return x === undefined ? new Bytes() : length !== undefined ? new Bytes(x, offset, length) : offset !== undefined ? new Bytes(x, offset) : new Bytes(x);
  }
  Limited.prototype = Bytes.prototype;
  Limited.from = function (x) { return Bytes.from(x); };
  Limited.of = function () { return new Bytes(arguments); };
  replace(Bytes.prototype, 'constructor', Limited);
  replace(globalThis, 'Uint8Array', Limited);
  // A list of what stays, so that nothing new comes in by itself.
  var kept = ['Infinity', 'NaN', 'undefined', 'globalThis', 'host', 'bigInt', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'isFinite', 'isNaN',
    'parseFloat', 'parseInt', 'Array', 'BigInt', 'Boolean', 'Date', 'Error', 'EvalError', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'RangeError', 'ReferenceError', 'RegExp',
    'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError', 'Uint8Array', 'WeakMap', 'WeakSet'];
  Object.getOwnPropertyNames(globalThis).forEach(function (name) { if (kept.indexOf(name) < 0) delete globalThis[name]; });
  // Iterators over iterators, bound functions and long replacements again are native and without a limit.
  var iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  Object.getOwnPropertyNames(iterator).forEach(function (name) { delete iterator[name]; });
  replace(Function.prototype, 'bind', function (self) {
    var target = this, first = Array.prototype.slice.call(arguments, 1);
    return function () { return target.apply(self, first.concat(Array.prototype.slice.call(arguments))); };
  });
  ['replace', 'replaceAll'].forEach(function (name) {
    var native = String.prototype[name];
    replace(String.prototype, name, function (pattern, replacement) {
      if (typeof replacement !== 'function' && String(this).length * String(replacement).length > largest) throw new RangeError('the replacement is too long');
      return native.call(String(this), pattern, replacement);
    });
  });
  delete Bytes.prototype.buffer;
  var typed = Object.getPrototypeOf(Bytes.prototype);
  replace(typed, 'constructor', undefined);
  delete typed.buffer;
})();

function toHex(bytes) { return host.toHex(bytes); }
function toWord(x) { return host.toFixed(x, 32); }
function toAddress(x) { return host.toFixed(x, 20); }
function toContract(from, nonce) { return host.toContract(toAddress(from), nonce); }
function toContract2(from, salt, initCode) { return host.toContract2(toAddress(from), toWord(salt), host.bytes(initCode)); }
function isPrecompiled(address) { return host.isPrecompiled(toAddress(address)); }
function slice(bytes, start, end) { return host.slice(bytes, start, end); }

(function () {
  function optional(value) { return value === undefined || value === null ? undefined : bigInt(value); }
  var log = {
    op: { toNumber: host.op, toString: host.opName, isPush: host.isPush },
    stack: { peek: function (index) { return bigInt(host.peek(index)); }, length: host.stackLength },
    memory: { slice: host.memory, getUint: function (offset) { return bigInt(host.memoryWord(offset)); }, length: host.memoryLength },
    contract: {
      getCaller: host.caller, getAddress: host.self, getInput: host.input,
      getValue: function () { return bigInt(host.value()); }
    },
    getPC: host.pc, getGas: host.gas, getCost: host.cost, getDepth: host.depth, getRefund: host.refund, getError: host.error
  };
  var db = {
    getBalance: function (address) { return bigInt(host.balance(toAddress(address))); },
    getNonce: function (address) { return host.nonce(toAddress(address)); },
    getCode: function (address) { return host.code(toAddress(address)); },
    getState: function (address, slot) { return host.state(toAddress(address), toWord(slot)); },
    exists: function (address) { return host.exists(toAddress(address)); }
  };
  var frame = {
    getType: host.frameType, getFrom: host.frameFrom, getTo: host.frameTo, getInput: host.frameInput, getGas: host.frameGas,
    getValue: function () { return optional(host.frameValue()); }
  };
  var left = { getGasUsed: host.frameGasUsed, getOutput: host.frameOutput, getError: host.frameError };
  host.log = log; host.db = db; host.frame = frame; host.left = left; host.stringify = JSON.stringify;
  host.contextOf = function (context) {
    ['value', 'gasPrice'].forEach(function (name) { context[name] = bigInt(context[name]); });
    return context;
  };
})();

Object.assign(globalThis, { bigInt: bigInt, toHex: toHex, toWord: toWord, toAddress: toAddress, toContract: toContract, toContract2: toContract2, isPrecompiled: isPrecompiled, slice: slice });
})(host);
