"""Questions that are asked at the same time share one forward pass of the model.

A pass over several texts takes less of the processor than a pass for each. Nobody waits for a
batch to fill: whoever finds the model free begins at once, alone; those who come meanwhile go
together when it is free again.
"""

import threading
from collections.abc import Callable, Sequence

from search.embedding.base import Embedder, Floats

MAX_SHARED = 32
"""Questions in one pass."""


class _Question:
    """One question that waits for its vector."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.turn = threading.Event()
        """Set when it has its vector or error, or when it is to lead the next pass."""
        self.vector: Floats | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.vector is not None or self.error is not None


class SharedPasses(Embedder):
    """A model whose questions from several threads share forward passes.

    Vectors equal those of lone questions to within rounding; the error of a pass reaches everybody
    in it.

    Parameters
    ----------
    embedder : Embedder
        The model; its `encode_queries` is called by one thread at a time.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.model, self.dim, self.device = embedder.model, embedder.dim, embedder.device
        self._lock = threading.Lock()
        self._line: list[_Question] = []
        self._busy = False

    def knows(self, word: str) -> bool:
        """See `search.embedding.base.Embedder.knows`."""
        return self._embedder.knows(word)

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """Embed papers or sentences, at once and by themselves."""
        return self._embedder.encode(texts, progress)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Embed questions that are together already."""
        return self._embedder.encode_queries(texts)

    def encode_query(self, text: str) -> Floats:
        """Embed a question: at once where the model is free, else with others in the next pass."""
        mine = _Question(text)
        with self._lock:
            self._line.append(mine)
            waits, self._busy = self._busy, True
        try:
            if waits:
                mine.turn.wait()
            if not mine.done:
                self._lead()
        except BaseException:
            # Interrupted before its pass: nobody may wait for it to lead one.
            with self._lock:
                left = mine in self._line
                if left:
                    self._line.remove(mine)
            if left and (not waits or mine.turn.is_set()):
                self._hand_over()
            raise
        if mine.error is not None:
            raise mine.error
        assert mine.vector is not None
        return mine.vector

    def _lead(self) -> None:
        """Make one pass for the first of the line, of whom the caller is one."""
        with self._lock:
            batch, self._line = self._line[:MAX_SHARED], self._line[MAX_SHARED:]
        try:
            vectors = self._embedder.encode_queries([one.text for one in batch])
            for one, vector in zip(batch, vectors, strict=True):
                one.vector = vector
        except BaseException as error:  # Those who wait must hear of any.
            for one in batch:
                one.vector, one.error = None, error
        finally:
            self._hand_over()
            for one in batch:
                one.turn.set()

    def _hand_over(self) -> None:
        """Let the first who waits lead the next pass; the model is free where nobody does."""
        with self._lock:
            self._busy = bool(self._line)
            if self._line:
                self._line[0].turn.set()
