// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice Programs that compilers make every day, each long enough to be timed. `run(n)` repeats the work n times and returns a digest of it.
contract TokenProgram {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public totalSupply;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function transfers(uint256 n) external returns (uint256) {
        _mint(address(this), n * 1000);
        for (uint256 i = 0; i < n; i++) this.transfer(address(uint160(0x1000 + (i & 15))), 1 + (i & 7));
        return balanceOf[address(0x1000)];
    }

    function mints(uint256 n) external returns (uint256) {
        for (uint256 i = 0; i < n; i++) _mint(address(uint160(0x1000 + (i & 15))), i);
        return totalSupply;
    }

    function approvals(uint256 n) external returns (uint256) {
        for (uint256 i = 0; i < n; i++) {
            allowance[msg.sender][address(uint160(0x1000 + (i & 15)))] = i;
            emit Approval(msg.sender, address(uint160(0x1000 + (i & 15))), i);
        }
        return allowance[msg.sender][address(0x1001)];
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(balanceOf[msg.sender] >= value, "balance");
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function _mint(address to, uint256 value) internal {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }
}

contract ComputeProgram {
    function keccakChain(uint256 n) external pure returns (bytes32 h) {
        for (uint256 i = 0; i < n; i++) h = keccak256(abi.encodePacked(h, i, h));
    }

    function quicksort(uint256 n) external pure returns (uint256 digest) {
        uint256[] memory a = new uint256[](n);
        uint256 x = 88172645463325252;
        for (uint256 i = 0; i < n; i++) {
            unchecked { x = (x * 6364136223846793005 + 1442695040888963407) & type(uint64).max; }
            a[i] = x >> 20;
        }
        _sort(a, 0, int256(n) - 1);
        for (uint256 i = 0; i < n; i++) digest = digest * 31 % 1000000007 + a[i] % 1000003;
    }

    function _sort(uint256[] memory a, int256 left, int256 right) internal pure {
        int256 i = left;
        int256 j = right;
        if (i >= j) return;
        uint256 pivot = a[uint256(left + (right - left) / 2)];
        while (i <= j) {
            while (a[uint256(i)] < pivot) i++;
            while (pivot < a[uint256(j)]) j--;
            if (i <= j) {
                (a[uint256(i)], a[uint256(j)]) = (a[uint256(j)], a[uint256(i)]);
                i++;
                j--;
            }
        }
        if (left < j) _sort(a, left, j);
        if (i < right) _sort(a, i, right);
    }

    function matrix(uint256 n) external pure returns (uint256 trace) {
        uint256[] memory a = new uint256[](n * n);
        uint256[] memory b = new uint256[](n * n);
        uint256[] memory c = new uint256[](n * n);
        for (uint256 i = 0; i < n * n; i++) {
            a[i] = i + 1;
            b[i] = 2 * i + 3;
        }
        for (uint256 i = 0; i < n; i++)
            for (uint256 j = 0; j < n; j++) {
                uint256 sum = 0;
                for (uint256 k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
                c[i * n + j] = sum;
            }
        for (uint256 i = 0; i < n; i++) trace += c[i * n + i];
    }

    /// @notice Swaps against a constant product, as pools do, with the 512-bit multiplication of their libraries.
    function swaps(uint256 n) external pure returns (uint256 reserve0, uint256 reserve1) {
        reserve0 = 5_000_000 ether;
        reserve1 = 12_000_000 ether;
        for (uint256 i = 0; i < n; i++) {
            uint256 amountIn = 1 ether + i * 1 gwei;
            uint256 withFee = amountIn * 997;
            if (i & 1 == 0) {
                uint256 out = mulDiv(withFee, reserve1, reserve0 * 1000 + withFee);
                reserve0 += amountIn;
                reserve1 -= out;
            } else {
                uint256 out = mulDiv(withFee, reserve0, reserve1 * 1000 + withFee);
                reserve1 += amountIn;
                reserve0 -= out;
            }
        }
    }

    function mulDiv(uint256 a, uint256 b, uint256 denominator) internal pure returns (uint256 result) {
        unchecked {
            uint256 prod0 = a * b;
            uint256 prod1;
            assembly {
                let mm := mulmod(a, b, not(0))
                prod1 := sub(sub(mm, prod0), lt(mm, prod0))
            }
            if (prod1 == 0) return prod0 / denominator;
            require(prod1 < denominator);
            uint256 remainder;
            assembly {
                remainder := mulmod(a, b, denominator)
                prod1 := sub(prod1, gt(remainder, prod0))
                prod0 := sub(prod0, remainder)
            }
            uint256 twos = denominator & (0 - denominator);
            assembly {
                denominator := div(denominator, twos)
                prod0 := div(prod0, twos)
                twos := add(div(sub(0, twos), twos), 1)
            }
            prod0 |= prod1 * twos;
            uint256 inverse = (3 * denominator) ^ 2;
            for (uint256 i = 0; i < 6; i++) inverse *= 2 - denominator * inverse;
            result = prod0 * inverse;
        }
    }

    /// @notice Points of secp256k1 added and doubled in Jacobian coordinates.
    function bigNumbers(uint256 n) external pure returns (uint256 x, uint256 y, uint256 z) {
        uint256 p = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
        x = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798;
        y = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8;
        z = 1;
        for (uint256 i = 0; i < n; i++) {
            uint256 yy = mulmod(y, y, p);
            uint256 s = mulmod(4, mulmod(x, yy, p), p);
            uint256 m = mulmod(3, mulmod(x, x, p), p);
            z = mulmod(mulmod(2, y, p), z, p);
            x = addmod(mulmod(m, m, p), p - addmod(s, s, p), p);
            y = addmod(mulmod(m, addmod(s, p - x, p), p), p - mulmod(8, mulmod(yy, yy, p), p), p);
        }
    }

    function strings(uint256 n) external pure returns (bytes32) {
        bytes memory text = "";
        for (uint256 i = 0; i < n; i++) text = bytes.concat(text.length > 400 ? bytes("") : text, _decimal(i * 7919), ", ");
        return keccak256(text);
    }

    function _decimal(uint256 value) internal pure returns (bytes memory digits) {
        uint256 length = 1;
        for (uint256 rest = value; rest >= 10; rest /= 10) length++;
        digits = new bytes(length);
        do {
            digits[--length] = bytes1(uint8(48 + value % 10));
            value /= 10;
        } while (value != 0);
    }

    function sieve(uint256 n) external pure returns (uint256 count) {
        bool[] memory composite = new bool[](n + 1);
        for (uint256 i = 2; i <= n; i++) {
            if (composite[i]) continue;
            count++;
            for (uint256 j = i * i; j <= n; j += i) composite[j] = true;
        }
    }

    function encodings(uint256 n) external pure returns (bytes32 h) {
        for (uint256 i = 0; i < n; i++) h = keccak256(abi.encode(i, address(uint160(i)), "a text of some length", h, n));
    }
}

contract StateProgram {
    struct Order {
        address maker;
        uint96 amount;
        uint64 next;
        uint128 price;
        uint256[2] marks;
    }

    Order[] internal orders;
    mapping(uint256 => mapping(address => uint256)) internal balances;
    mapping(string => uint256) internal names;
    uint8[] internal packed;

    function structs(uint256 n) external returns (uint256 digest) {
        for (uint256 i = 0; i < n; i++) {
            Order storage order = orders.push();
            (order.maker, order.amount, order.price) = (address(uint160(i + 1)), uint96(i * 7), uint128(i * i));
            order.marks[i & 1] = i;
        }
        for (uint256 i = 0; i < n; i++) {
            Order memory order = orders[i];
            digest = (digest * 31 + order.amount + order.price + order.marks[0]) % 1000000007;
            if (i % 3 == 0) delete orders[i];
        }
    }

    function nested(uint256 n) external returns (uint256 digest) {
        for (uint256 i = 0; i < n; i++) {
            balances[i % 5][address(uint160(i % 7))] += i;
            names[i % 2 == 0 ? "short" : "a name that is longer than one word of the machine"] += 1;
            digest += balances[(i + 1) % 5][address(uint160(i % 3))];
        }
    }

    function packing(uint256 n) external returns (uint256 digest) {
        for (uint256 i = 0; i < n; i++) packed.push(uint8(i & 0xff));
        for (uint256 i = 0; i < n; i++) digest = digest * 3 % 1000003 + (packed[i] ^= uint8(i & 15));
        while (packed.length > 0) packed.pop();
    }

    function failing(uint256 k) external pure returns (uint256) {
        if (k % 3 == 1) revert("one of three, with a reason of some length");
        return k / (k % 3);
    }

    function tries(uint256 n) external view returns (uint256 digest) {
        for (uint256 i = 0; i < n; i++) {
            try this.failing(i) returns (uint256 value) {
                digest += value;
            } catch Error(string memory reason) {
                digest += bytes(reason).length;
            } catch (bytes memory data) {
                digest = digest * 3 % 1000003 + data.length;
            }
        }
    }

    function creations(uint256 n) external returns (uint256 digest) {
        for (uint256 i = 0; i < n; i++) digest ^= new SieveProgram(i).count() + uint160(address(this)) % 97;
    }
}

/// @notice Its constructor is where it works: init code that loops.
contract SieveProgram {
    uint256 public immutable count;

    constructor(uint256 seed) {
        bool[] memory isComposite = new bool[](400);
        uint256 found = seed;
        for (uint256 i = 2; i < 400; i++) {
            if (isComposite[i]) continue;
            found++;
            for (uint256 j = i * i; j < 400; j += i) isComposite[j] = true;
        }
        count = found;
    }
}

contract MathProgram {
    function signed(uint256 n) external pure returns (int256 x) {
        x = -123456789012345678901234567890;
        for (int256 i = 1; i <= int256(n); i++) {
            x = (x * 31 + i) % 1000000000000000000000000000057;
            x += x / (i + 1) - (-x) % (i * i + 1);
            x ^= int256(int8(x)) >> 2;
        }
    }

    function fixedPoint(uint256 n) external pure returns (uint256 digest) {
        for (uint256 i = 0; i < n; i++) {
            uint256 base = 1e18 + i * 1e12;
            uint256 power = 1e18;
            for (uint256 exponent = 365; exponent != 0; exponent >>= 1) {
                if (exponent & 1 != 0) power = (power * base + 5e17) / 1e18;
                base = (base * base + 5e17) / 1e18;
            }
            digest ^= power;
        }
    }

    function bits(uint256 n) external pure returns (uint256 digest) {
        uint256 x = 0x123456789abcdef0fedcba9876543210aaaa5555cccc3333f0f00f0f12344321;
        for (uint256 i = 0; i < n; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            for (uint256 y = x; y != 0; y &= y - 1) digest++;
            digest += uint8(bytes32(x)[i & 31]);
        }
    }

    function machine(uint256 n) external pure returns (uint256 accumulator) {
        bytes memory code = hex"0102030405060708090302010405060708";
        uint256[16] memory stack;
        uint256 height;
        accumulator = 1;
        unchecked {
            for (uint256 round = 0; round < n; round++)
                for (uint256 i = 0; i < code.length; i++) {
                    uint8 op = uint8(code[i]);
                    if (op == 1) stack[height++ & 15] = accumulator;
                    else if (op == 2) accumulator += stack[--height & 15];
                    else if (op == 3) accumulator *= 31;
                    else if (op == 4) accumulator ^= accumulator >> 3;
                    else if (op == 5) accumulator = (accumulator << 5) | (accumulator >> 251);
                    else if (op == 6) accumulator -= height;
                    else accumulator++;
                }
        }
    }
}
