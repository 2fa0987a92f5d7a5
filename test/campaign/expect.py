# SPDX-License-Identifier: BSD-2-Clause
"""What may have become of a service: the table of participants and steps.

old      the process that served goes on
new      the new version has taken over, with all state
replica  it crashed and went on, with all state
fresh    it was started anew by its policy, and its state is gone
gone     it is not there
"""
LONG = 0.9  # seconds that the shortest limit of sefd on a new version takes to strike


def outcome(before, status):
    """What became of a service; None if it is none of these."""
    if status is None or status["state"] == "ended":
        return "gone"
    if status["state"] != "running":
        return None
    if status["pid"] == before.pid:
        return "old"
    if status["endpoint"] != before.endpoint:
        return "fresh"
    if status["restarts"] == before.restarts + 1:
        return "replica"
    if status["restarts"] == before.restarts and status["updates"] == before.updates + 1:
        return "new"
    return None


def allowed(operation, fault, label, committed):
    """`committed`: the daemon has told to commit, or may have."""
    outcomes = _allowed(operation, fault, label, committed)
    if fault and fault.sefd_struck:
        outcomes = outcomes | _given_up(operation, label)
        if fault.participant != "new" and label == fault.label:
            outcomes -= {"old"}  # it is dead
    return outcomes


def _allowed(operation, fault, label, committed):
    base = {operation.outcome} if label in operation.targets else {"old"}
    if fault is None or not fault.struck:
        return base
    if fault.kind == "stop":
        return base | _stopped(operation, fault, label, committed)
    if fault.participant == "peer" and fault.label in operation.targets:
        return _old_killed(operation, fault, base, label, committed)
    if fault.participant == "peer":
        return {"fresh"} if label == fault.label else base | _given_up(operation, label)
    if fault.participant == "old":
        return _old_killed(operation, fault, base, label, committed)
    if fault.participant == "new":
        return _new_killed(operation, fault, base, label, committed)
    if fault.participant == "sefctl" and "prepare" in fault.seen_before:
        return base  # who asked is not needed any more
    return base | _given_up(operation, label)


def as_one(operation, fault):
    """Whether all that are updated as one must be old, or all new."""
    members_live = not fault or not fault.struck or fault.kind == "kill" and fault.participant in ("sefd", "sefctl")
    return bool(operation.first) and members_live


def _given_up(operation, label):
    if label not in operation.targets:
        return set()
    if operation.outcome == "replica":
        return {"old", "fresh"}  # without a supervisor a crash is the end
    return {"old", "gone"} if operation.outcome == "fresh" else {"old"}


def _stopped(operation, fault, label, committed):
    """Whoever is stopped may miss a limit. State is lost if that one serves alone already."""
    if label not in operation.targets:
        return set()
    if operation.outcome in ("fresh", "replica"):
        return {"fresh", "gone", "old"}
    late = fault.participant == "new" and committed and fault.stopped_for > LONG
    return {"old", "fresh"} if late else {"old"}


def _old_killed(operation, fault, base, label, committed):
    if label != fault.label:  # a crash of one member stops all that are not committed
        return base | _given_up(operation, label)
    if operation.first and operation.outcome == "old":
        return {"new", "fresh"}  # another one fails, and this one's new version is all that is left of it
    if label not in operation.targets or operation.outcome != "new":
        return {"fresh"} | (base - {"old"})
    if "commit" in fault.seen_before:
        return {"new"}        # it is initialised, and nobody else is left
    return {"new", "fresh"} if committed or operation.started else {"fresh"}


def _new_killed(operation, fault, base, label, committed):
    if label != fault.label:
        return base | _given_up(operation, label)
    if operation.outcome in ("fresh", "replica"):
        return {"fresh", "gone"}
    if operation.outcome == "new" and committed:
        return {"old", "new", "fresh"}
    return {"old"}
