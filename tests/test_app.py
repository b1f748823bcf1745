"""An application is put together in one place, and taken apart by nobody having to."""

import gc
import weakref

from tests.fixtures_portal import Clock, build


def test_an_application_that_nobody_needs_any_more_is_let_go(tmp_path):
    app = weakref.ref(build(tmp_path, Clock()))
    gc.collect()

    assert app() is None
