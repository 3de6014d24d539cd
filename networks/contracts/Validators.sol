// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Who the validators of a QBFT network are, where its genesis file names this contract. Members, an account each, decide by majority who is a member; each member
/// names the validator it runs, and so gives it a new key without asking anybody.
/// @dev Invariants: there is at least one validator at all times; no address is the validator of two members; `getValidators` lists each once. Nodes ask `getValidators`
/// on the state of a block for the validators of the next.
contract Validators {
    event MemberAdded(address indexed member);
    event MemberRemoved(address indexed member);
    event Voted(address indexed member, address indexed candidate, bool adds);
    event ValidatorNamed(address indexed member, address indexed validator, address indexed before);

    /// @notice `account` is no member.
    error NotMember(address account);

    /// @notice The vote would change nothing: a member already, or none.
    error NothingToDecide(address candidate, bool adds);

    /// @notice `validator` belongs to another member, or is the zero address.
    error ValidatorTaken(address validator);

    /// @notice Nobody would be left to make blocks.
    error LastValidator();

    /// @notice Each member brings one validator.
    error UnequalLists();

    address[] private _members;
    address[] private _validators;

    /// @dev Where a member stands in the list, from 1; and a validator.
    mapping(address member => uint256 place) private _memberPlaces;
    mapping(address validator => uint256 place) private _validatorPlaces;

    /// @notice The validator that a member runs; zero while it runs none.
    mapping(address member => address validator) public validatorOf;

    /// @dev A decision taken makes all votes about a candidate void: they are counted under the number of decisions so far.
    mapping(address candidate => uint256 decisions) private _decisions;
    mapping(bytes32 question => mapping(address member => bool hasVoted)) private _votes;

    modifier onlyMember() {
        if (_memberPlaces[msg.sender] == 0) revert NotMember(msg.sender);
        _;
    }

    constructor(address[] memory members_, address[] memory validators) {
        if (members_.length != validators.length) revert UnequalLists();
        if (members_.length == 0) revert LastValidator();
        for (uint256 i = 0; i < members_.length; i++) {
            _addMember(members_[i]);
            _name(members_[i], validators[i]);
        }
    }

    /// @notice The validators, as nodes ask for them.
    function getValidators() external view returns (address[] memory) {
        return _validators;
    }

    function members() external view returns (address[] memory) {
        return _members;
    }

    /// @notice How many members have voted for a change so far.
    function votesFor(address candidate, bool adds) public view returns (uint256 count) {
        mapping(address member => bool hasVoted) storage votes = _votes[_question(candidate, adds)];
        for (uint256 i = 0; i < _members.length; i++) if (votes[_members[i]]) count++;
    }

    /// @notice Votes to let `candidate` become a member (`adds`), or to send it away; more than half of the members decide, and it is done at once.
    function vote(address candidate, bool adds) external onlyMember {
        if ((_memberPlaces[candidate] == 0) != adds) revert NothingToDecide(candidate, adds);
        _votes[_question(candidate, adds)][msg.sender] = true;
        emit Voted(msg.sender, candidate, adds);
        if (2 * votesFor(candidate, adds) <= _members.length) return;

        _decisions[candidate]++;
        if (adds) _addMember(candidate);
        else _removeMember(candidate);
    }

    /// @notice Names the validator that the caller runs, in the place of the one before; the zero address for none.
    function setValidator(address validator) external onlyMember {
        _name(msg.sender, validator);
    }

    function _question(address candidate, bool adds) private view returns (bytes32) {
        return keccak256(abi.encode(candidate, adds, _decisions[candidate]));
    }

    function _addMember(address member) private {
        if (_memberPlaces[member] != 0) revert NothingToDecide(member, true);
        _members.push(member);
        _memberPlaces[member] = _members.length;
        emit MemberAdded(member);
    }

    function _removeMember(address member) private {
        if (validatorOf[member] != address(0)) _name(member, address(0));
        _removeFrom(_members, _memberPlaces, member);
        emit MemberRemoved(member);
    }

    function _name(address member, address validator) private {
        address before = validatorOf[member];
        if (validator != address(0)) {
            if (_validatorPlaces[validator] != 0) revert ValidatorTaken(validator);
            _validators.push(validator);
            _validatorPlaces[validator] = _validators.length;
        }
        if (before != address(0)) {
            if (_validators.length == 1) revert LastValidator();
            _removeFrom(_validators, _validatorPlaces, before);
        }
        validatorOf[member] = validator;
        emit ValidatorNamed(member, validator, before);
    }

    function _removeFrom(address[] storage list, mapping(address => uint256) storage places, address gone) private {
        uint256 place = places[gone];
        address last = list[list.length - 1];
        list[place - 1] = last;
        places[last] = place;
        places[gone] = 0;
        list.pop();
    }
}
