"""A batch that was exported, and lists as banks return them."""

from collections.abc import Sequence

from rewards.answers import Fate, Plan, plan
from rewards.matching import ExportedBatch, ExportedLine
from rewards.returned_list import Meaning, Outcome, RememberedMapping
from rewards.understanding import understand
from scheme.money import Fen

BATCH = ExportedBatch(
    "B26-00001",
    (
        ExportedLine(1, "王小明", "6222021234567890123", Fen(5000)),
        ExportedLine(2, "李四", "00012345678", Fen(1667)),
        ExportedLine(3, "欧阳娜娜", "6222025555550003333", Fen(123_450)),
    ),
)
OWN = {
    "batch": Meaning.BATCH,
    "line": Meaning.LINE,
    "payee": Meaning.PAYEE,
    "card": Meaning.ACCOUNT,
    "amount": Meaning.AMOUNT,
    "result": Meaning.OUTCOME,
    "reason": Meaning.REASON,
}
CHINESE = ("序号", "收款人户名", "收款账号", "交易金额（元）", "处理结果", "失败原因")
RETURNED = (
    ("代发工资结果清单", "", "", "", "", ""),
    CHINESE,
    ("1", "王小明", "6222021234567890123", "50.00", "成功", ""),
    ("2", "李四", "00012345678", "16.67", "失败", "卡号无效"),
    ("3", "欧阳娜娜", "6222025555550003333", "￥1,234.50", "处理中", ""),
    ("合计", "", "", "1,301.17", "", ""),
)


def planned(
    rows: Sequence[Sequence[str]],
    batch: ExportedBatch = BATCH,
    remembered: RememberedMapping | None = None,
) -> Plan:
    """What the list would do, understood at first sight."""
    return plan(batch, rows, understand(rows, batch, OWN, remembered))


def fates(done: Plan) -> list[Fate]:
    return [answer.fate for answer in done.rows]


def answered(*outcomes: Outcome | None) -> ExportedBatch:
    """The batch after some of its lines were answered."""
    lines = (
        ExportedLine(line.number, line.payee, line.account, line.amount_fen, outcome)
        for line, outcome in zip(BATCH.lines, outcomes, strict=True)
    )
    return ExportedBatch(BATCH.number, tuple(lines))


def with_cell(row: int, place: int, text: str) -> list[list[str]]:
    """The returned list with another text in one cell; ``row`` counts from 1."""
    rows = [list(cells) for cells in RETURNED]
    rows[row - 1][place] = text
    return rows
