"""Knows every brand as of a few seconds ago, without asking the database at each request."""

from datetime import timedelta
from threading import Lock

from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.domain.brand_book import BrandBook
from portal.domain.errors import UnavailableError
from portal.services.places import Clock
from portal.store import brand_hosts, brandings
from portal.store.db import SYSTEM, reading

# So long a name that was taken away may still be answered by another process; here it ends at once.
LIFE = timedelta(seconds=5)


class BrandShelf:
    """One for each process. Asks for one number every few seconds, and reads on only where that changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._book: BrandBook | None = None
        self._looked_at = clock()

    def book(self) -> BrandBook:
        """Call it outside of any transaction that changes brands.

        Where the database is away, or not migrated yet, the last one goes on being used; raises UnavailableError where
        there is none.
        """
        with self._lock:
            now = self._clock()
            if self._book is None or abs(now - self._looked_at) >= LIFE:
                self._book, self._looked_at = self._looked(self._book), now
            return self._book

    def forget(self) -> None:
        """Look anew at the next request: something was changed here."""
        self._book = None

    def admits(self, host: str, path: str) -> bool:
        """Whether the people of a company, which stands at this path, may come in under this name."""
        return not host or self.book().admits(host, path)

    @staticmethod
    def _looked(kept: BrandBook | None) -> BrandBook:
        try:
            with reading(SYSTEM) as session:
                version = brandings.version(session)
                if kept is not None and kept.version == version:
                    return kept
                return BrandBook(version, brandings.all_by_path(session), brand_hosts.served(session))
        except (UnavailableError, OperationalError, ProgrammingError) as trouble:
            if kept is not None:
                return kept
            if isinstance(trouble, UnavailableError):
                raise
            raise UnavailableError from trouble
