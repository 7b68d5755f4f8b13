"""The figures of a run, their medians, and the reasons for what is missing."""
import statistics


class Results:
    def __init__(self):
        self.samples = {}  # (case, contender) -> [{figure: number}], one for each round
        self.reasons = {}  # (case, contender) -> why there is none

    def add(self, case, contender, figures):
        self.samples.setdefault((case, contender), []).append(figures)

    def lack(self, case, contender, reason):
        self.reasons.setdefault((case, contender), reason)

    def median(self, case, contender, figure):
        """None: not measured."""
        values = [sample[figure] for sample in self.samples.get((case, contender), []) if sample.get(figure) is not None]
        return statistics.median(values) if values else None

    def rounds(self):
        return max(map(len, self.samples.values()), default=0)

    def value(self, row, contender, what="value"):
        """The value of a row, or None. A failed case has none, even if some of its rounds ended well."""
        figure = getattr(row, what)
        if figure is None or (row.case, contender) in self.reasons:
            return None
        return figure(self, contender) if callable(figure) else self.median(row.case, contender, figure)

    def judged(self, row, contender):
        """What the goal is of. CPU time is missing where a peer cannot separate it; then it is the value."""
        cpu = self.value(row, contender, "cpu") if row.judged == "cpu" else None
        return cpu if cpu is not None else self.value(row, contender)

    def ratio(self, row, peer):
        """Ours over the peer's: of one kind, so of values when one of the two has no CPU time."""
        kinds = ("cpu", "value") if row.judged == "cpu" else ("value",)
        for kind in kinds:
            ours, theirs = self.value(row, "ours", kind), self.value(row, peer, kind)
            if ours is not None and theirs:
                return ours / theirs
        return None

    def limit(self, goal):
        return goal.limit(self) if callable(goal.limit) else goal.limit

    def scale(self, row):
        """How much slower this machine is than that of the goal, by the peers of this row. None: not known."""
        here = [(self.judged(row, peer), anchor) for peer, anchor in row.goal.anchors.items()]
        factors = [value / anchor for value, anchor in here if value is not None]
        return statistics.median(factors) if factors else None
