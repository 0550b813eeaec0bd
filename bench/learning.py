"""Whether learning helps an organisation of realistic size: a simulated one whose truth is known.

    python bench/learning.py [--needs 150] [--achievements 1500] [--seen 6] [--wrong 0.1]

Needs and achievements belong to trades; inside a trade only some ways of working suit a need, which its words
do not say and the vectors show faintly. An organiser looks at the first --seen proposals of two thirds of the
needs and chooses or turns down by the truth, but for a share of --wrong slips. Then the installation learns,
by the very code of the nightly job. Printed is nDCG@10 by the truth, before and after: of candidates that
nobody judged, for needs that were looked at and for needs that were not; a paired bootstrap over needs.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from factories import make_achievement, make_need, make_people

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import MatchState
from matchmaker.services import library
from matchmaker.services.proposals import learn_here
from matchmaker.services.texts import achievement_texts, need_text
from matchmaker.settings import Settings, load_settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match, Need, Vector

TRADES = 30
WAYS = 5
SUITING = 2
THINGS = "模具齿轮轴承刀具叶片阀门螺杆导轨辊筒活塞电机水泵风机锅炉管道容器焊缝铸件锻件弹簧"
DONE = "涂覆清洗检测切割焊接成形热处理抛光装配烘干输送分选回收包装测温减振密封润滑除尘降噪"
HOW = ("激光", "超声", "等离子", "微波", "电化学")
Made = dict[int, tuple[int, int]]


def main() -> None:
    """Build, judge, learn, compare."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--needs", type=int, default=150)
    words.add_argument("--achievements", type=int, default=1500)
    words.add_argument("--seen", type=int, default=6)
    words.add_argument("--wrong", type=float, default=0.1)
    asked = words.parse_args()
    chance = np.random.default_rng(20261130)
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            instance="own", data={"folder": folder}, matching={"way": "direct", "floor": "weak", "top": 15}
        )
        database = Database(settings.database_url)
        schema.migrate(database)
        suits, made = _fill(database, settings, asked, chance)
        deliver_due(database, settings, most=100_000)
        judged = _judge(database, asked, suits, made, chance)
        before = _scores(database)
        began = time.process_time()
        report = learn_here(database, settings)
        count, busy = sum(map(len, judged.values())), time.process_time() - began
        print(f"judged {count} pairs of {len(judged)} needs: {report.verdict.value}, processor {busy:.1f} s")
        print(report.measures)
        deliver_due(database, settings, most=100_000)
        _compare(before, _scores(database), suits, made, judged)
        database.close()


def _fill(
    database: Database, settings: Settings, asked: argparse.Namespace, chance: np.random.Generator
) -> tuple[dict[int, tuple[int, set[int]]], Made]:
    """Add everything with made-up vectors; return needs' trade and ways, achievements' trade and way."""
    encoder = library.desk_for(settings).encoder
    base = chance.standard_normal((1 + TRADES + WAYS, encoder.dimension)).astype(np.float32)
    suits, made = {}, {}
    with database.writing() as session:
        people = make_people(session)
        for _ in range(asked.needs):
            trade = int(chance.integers(TRADES))
            thing, done = _words(trade)
            row = make_need(
                session,
                organisation_id=people.huaxing,
                title=f"{thing}的{done}",
                problem=f"我公司现有产线上{thing}良品率不高，人工返修多，客户多次投诉，希望有单位帮助改进{done}环节。",
                key_points="",
            )
            suits[row.id] = (trade, set(chance.choice(WAYS, SUITING, replace=False).tolist()))
            vectors = _vector(base, trade, None, chance, rows=2)
            _store(session, encoder.fingerprint, "need", need_text(row), vectors)
        for _ in range(asked.achievements):
            trade, way = int(chance.integers(TRADES)), int(chance.integers(WAYS))
            thing, done = _words(trade)
            achievement = make_achievement(
                session,
                organisation_id=people.jiangda if way % 2 else people.haiyuan,
                title=f"基于{HOW[way]}的{thing if chance.random() < 0.5 else '零部件'}{done}技术",
                summary=f"研究{HOW[way]}与材料相互作用的机理，建立工艺数据库，开发成套装备并在多家单位示范。",
            )
            made[achievement.id] = (trade, way)
            text = achievement_texts(session, [achievement.id])[0]
            vectors = _vector(base, trade, way, chance, rows=1)
            _store(session, encoder.fingerprint, "achievement", text, vectors)
        outbox.record(session, SYSTEM, ProposalsDue())
    return suits, made


def _words(trade: int) -> tuple[str, str]:
    return THINGS[trade % 20 * 2 :][:2], DONE[(trade * 7) % 20 * 2 :][:2]


def _vector(
    base: NDArray[np.float32], trade: int, way: int | None, chance: np.random.Generator, *, rows: int
) -> NDArray[np.float32]:
    shape = (rows, base.shape[1])
    vector = 1.5 * base[0] + base[1 + trade] + 0.5 * chance.standard_normal(shape).astype(np.float32)
    if way is not None:
        vector = vector + 0.8 * base[1 + TRADES + way]
    return np.asarray(vector / np.linalg.norm(vector, axis=1, keepdims=True), dtype=np.float32)


def _store(session, encoder: str, kind: str, text, vectors: NDArray[np.float32]) -> None:  # type: ignore[no-untyped-def]
    row = Vector(encoder=encoder, subject_kind=kind, subject_id=text.key)
    row.text_hash, row.vector = text.hash, vectors.astype("<f4").tobytes()
    session.add(row)


def _good(need_id: int, key: int, suits: dict[int, tuple[int, set[int]]], made: Made) -> bool:
    trade, ways = suits[need_id]
    return made[key][0] == trade and made[key][1] in ways


def _judge(
    database: Database,
    asked: argparse.Namespace,
    suits: dict[int, tuple[int, set[int]]],
    made: Made,
    chance: np.random.Generator,
) -> dict[int, set[int]]:
    """Choose or turn down the first proposals of two thirds of the needs; return what was judged."""
    judged: dict[int, set[int]] = {}
    with database.writing() as session:
        for need_id in sorted(suits)[: len(suits) * 2 // 3]:
            shown = select(Match).where(Match.need_id == need_id, Match.current).order_by(Match.score.desc())
            for match in session.scalars(shown.limit(asked.seen)):
                good = _good(need_id, match.achievement_id, suits, made) != (chance.random() < asked.wrong)
                match.status = MatchState.SHORTLISTED if good else MatchState.REJECTED
                match.decision_reason, match.decided_at = "" if good else "技术方向不符", clock.now()
                judged.setdefault(need_id, set()).add(match.achievement_id)
    return judged


def _scores(database: Database) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {}
    with database.reading() as session:
        for match in session.scalars(select(Match).where(Match.current).order_by(Match.id)):
            found.setdefault(match.need_id, {})[match.achievement_id] = match.score
        assert not session.scalars(select(Need.id).where(Need.proposed_version.is_(None))).all()
    return found


def _compare(
    before: dict[int, dict[int, float]],
    after: dict[int, dict[int, float]],
    suits: dict[int, tuple[int, set[int]]],
    made: Made,
    judged: dict[int, set[int]],
) -> None:
    for name, needs in (
        ("needs that were looked at", sorted(judged)),
        ("needs that were not", sorted(suits.keys() - judged.keys())),
    ):
        rows = []
        for need in needs:
            known = judged.get(need, set())
            first = before.get(need, {})
            # what fell out of the list since stands behind all that is still in it, in its old order
            then = {key: after.get(need, {}).get(key, score - 1) for key, score in first.items()}
            pair = [_ndcg(need, scores, known, suits, made) for scores in (first, then)]
            if None not in pair:
                rows.append(pair)
        both = np.array(rows)
        chance = np.random.default_rng(1)
        moved = both[:, 1] - both[:, 0]
        drawn = [moved[chance.integers(len(moved), size=len(moved))].mean() for _ in range(2000)]
        low, high = np.quantile(drawn, (0.025, 0.975))
        first, then = both.mean(axis=0)
        print(f"{name}: {len(both)}; nDCG@10 {first:.3f} → {then:.3f}", end=" ")
        print(f"({moved.mean():+.3f} [{low:+.3f}, {high:+.3f}])")


def _ndcg(
    need_id: int,
    scores: dict[int, float],
    judged: set[int],
    suits: dict[int, tuple[int, set[int]]],
    made: Made,
) -> float | None:
    """Return nDCG@10 of what nobody judged; None where all of it is equally good."""
    left = [key for key in scores if key not in judged]
    gains = [float(_good(need_id, key, suits, made)) for key in sorted(left, key=lambda k: (-scores[k], k))]
    if len(set(gains)) < 2:
        return None
    discounts = 1 / np.log2(np.arange(2, 12))
    got = sum(gain * discount for gain, discount in zip(gains, discounts, strict=False))
    best = sum(
        gain * discount for gain, discount in zip(sorted(gains, reverse=True), discounts, strict=False)
    )
    return float(got / best)


if __name__ == "__main__":
    main()
