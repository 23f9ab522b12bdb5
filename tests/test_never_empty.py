"""An instance that should stand and does not is never made empty in its place.

In a module of its own, because what other tests keep standing would stand here too.
"""

from __future__ import annotations

import pytest

from components.database.database import Database
from domain.continuity import Instance
from ops.sandbox.cloud import CreationError
from tests.support import HOME, isolated_subnets, opts_in, standing
from tests.test_database import ASIDE, PRIMARY, PROMOTED, database_args


@pytest.mark.parametrize("stands", [PROMOTED, ASIDE])
def test_what_should_stand_but_does_not_is_never_made_empty_in_its_place(stands: Instance) -> None:
    def program() -> None:
        opts = opts_in(HOME)
        placed = isolated_subnets("here", HOME, opts)
        writer = None
        if stands.aside:
            other = Database("other-database", database_args(PRIMARY, cell="eu", placed=placed), opts)
            writer = other.writer
        Database(
            "side-database",
            database_args(stands, writer=writer, placed=placed),
            opts,
        )

    with pytest.raises(CreationError, match="side-database-1"), standing(program):
        pass
