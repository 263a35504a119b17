"""Trial: a check is one module, its line in the table, and its codes."""

from datetime import UTC, datetime
from pathlib import Path

from scheme.dossier import Dossier
from scheme.report import Channel, Claim, Report
from scheme.workdays import Workdays
from tests.trials.copied import copied, put_after, tried

MODULE = '''"""Whether the day of the violation was a Friday."""

from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Scope
from scheme.policy import Policy


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One finding for the report."""
    yield Finding("friday", "ON_A_FRIDAY", Outcome.PASS, Scope.REPORT)
'''


def test_a_check_is_a_module_a_line_and_its_codes(tmp_path: Path) -> None:
    folder = copied(tmp_path, "scheme", "verifiers")
    (folder / "verifiers" / "checks" / "friday.py").write_text(MODULE, "utf-8")
    table = folder / "verifiers" / "judging" / "judge.py"
    put_after(table, "    files,", "    friday,")
    put_after(table, '        "duplicates": duplicates.check,', '        "friday": friday.check,')
    code = '        "ON_A_FRIDAY": ("R6", "The violation happened on a Friday."),'
    head = "CODES: Mapping[str, tuple[str, str]] = MappingProxyType(\n    {"
    put_after(folder / "scheme" / "finding.py", head, code)
    tried(tmp_path, it_judges)


def it_judges() -> None:
    from pipeline.policies import load_policies  # noqa: PLC0415 - the copied scheme comes first
    from verifiers import judge  # noqa: PLC0415

    now = datetime(2026, 6, 12, 2, tzinfo=UTC)
    report = Report("trial", Claim("wrong_way", violated_at=now), (), Channel.WEB, now, now)
    dossier = Dossier(
        report=report,
        readings={},
        workdays=Workdays(frozenset(), frozenset(), frozenset()),
        now=now,
    )
    codes = {finding.code for finding in judge(dossier, load_policies(None).substance_at(now))}
    assert "ON_A_FRIDAY" in codes
