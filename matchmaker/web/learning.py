"""How often proposals were right, and what matching has learnt from that."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.bus import outbox
from matchmaker.domain.hit_rate import Line, Reached, by_grade, by_group, each_once, line_of
from matchmaker.domain.messages import LearningAsked
from matchmaker.services.learned import fit_in_use
from matchmaker.services.learning import (
    LEAST_EITHER_WAY,
    LEAST_NEEDS,
    LEAST_OBSERVATIONS,
    evidence_of,
    return_to_shipped,
    usable,
    use_fit,
)
from matchmaker.store.queries.hits import By, event_names, hits, other_contracts
from matchmaker.store.queries.wider import reckoning
from matchmaker.store.tables import RankerFit
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.presentation import field_name, label, listed

blueprint = Blueprint("learning", __name__)
_MOST_FITS = 10


@blueprint.get("/matches/hits")
@allow(Audience.ORGANISER)
def hit_rate() -> ResponseReturnValue:
    """Show proposals by grade, and how many of them were accepted, met, meant and signed."""
    by: By = "event" if request.args.get("by") == "event" else "field"
    found = hits(session_here(), by=by)
    once, grouped = each_once(found), by_group(found)
    names = event_names(session_here(), [int(key) for key in grouped]) if by == "event" else {}
    return render_template(
        "learning/hits.html",
        by=by,
        stages=_stage_words(),
        grades=[(label("grade", grade), _cells(line)) for grade, line in by_grade(once).items()],
        whole=_cells(line_of(once)),
        others=other_contracts(session_here()),
        groups=[
            (
                field_name(group) if by == "field" else names.get(group, group),
                [(label("grade", grade), _cells(line)) for grade, line in lines.items() if line.counts[0]],
            )
            for group, lines in grouped.items()
        ],
    )


def _stage_words() -> list[str]:
    return [_("推荐"), _("双方接受"), _("见面洽谈"), _("达成意向"), _("签订合同")]


def _cells(line: Line) -> list[tuple[int, int | None]]:
    """Return (count, percent of the proposals) by stage; None without proposals."""
    shares = [line.share(stage) for stage in Reached]
    return [
        (count, None if share is None else round(share * 100))
        for count, share in zip(line.counts, shares, strict=True)
    ]


@blueprint.get("/matches/learning")
@allow(Audience.ORGANISER)
def learning() -> ResponseReturnValue:
    """Show what there is to learn from, what was learnt, and which weights count now."""
    session = session_here()
    fits = session.scalars(select(RankerFit).order_by(RankerFit.id.desc()).limit(_MOST_FITS)).all()
    evidence = evidence_of(usable(session))
    return render_template(
        "learning/learning.html",
        evidence=evidence,
        missing=listed(_(pattern, n=count) for pattern, count in evidence.lacks),
        stages=[(words, evidence.stages.get(stage, 0), "") for stage, words in _stages_of_evidence()],
        levels=[(label("grade", grade), evidence.levels[level], "") for grade, level in _LEVELS],
        least={"observations": LEAST_OBSERVATIONS, "needs": LEAST_NEEDS, "either": LEAST_EITHER_WAY},
        used=fit_in_use(session),
        reckoning=reckoning(session),
        fits=[(fit, _quality(fit.measures)) for fit in fits],
    )


@blueprint.get("/matches/learning/progress")
@allow(Audience.ORGANISER)
def progress() -> ResponseReturnValue:
    """Say how many proposals follow the present weights; when all do, have the page shown anew."""
    found = reckoning(session_here())
    if not found.waiting:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("learning/_reckoning.html", reckoning=found)


_LEVELS = (("strong", 4), ("fair", 3), ("weak", 2), ("none", 1))


def _stages_of_evidence() -> list[tuple[str, str]]:
    return [
        ("organiser", _("主办方选定或剔除")),
        ("side", _("企业、院校对推荐的答复")),
        ("pairing", _("对配对的接受或婉拒")),
        ("meeting", _("洽谈结果")),
        ("intent", _("合作意向")),
        ("contract", _("技术合同")),
    ]


def _quality(measures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (measure, before, after) in words."""
    before, after = measures["before"], measures["after"]
    return [
        (_("排序（nDCG@10，越高越好）"), _number(before["ndcg10"]), _number(after["ndcg10"])),
        (_("可能性（对数损失，越低越好）"), _number(before["log_loss"]), _number(after["log_loss"])),
    ]


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


@blueprint.post("/matches/learning")
@allow(Audience.ORGANISER)
def learn_now() -> ResponseReturnValue:
    """Let the background process learn now instead of tonight."""
    outbox.record(session_here(), actor_here(), LearningAsked())
    flash(_("已开始学习，几秒钟后刷新本页可看到结果"), "success")
    return redirect(url_for("learning.learning"), 303)


@blueprint.post("/matches/learning/shipped")
@allow(Audience.ORGANISER)
def shipped() -> ResponseReturnValue:
    """Go back to the shipped weights."""
    return_to_shipped(session_here(), actor_here())
    flash(_("已恢复出厂权重，推荐正在重新计算"), "success")
    return redirect(url_for("learning.learning"), 303)


@blueprint.post("/matches/learning/<int:fit_id>/use")
@allow(Audience.ORGANISER)
def use(fit_id: int) -> ResponseReturnValue:
    """Switch a kept fit on."""
    use_fit(session_here(), actor_here(), fit_id=fit_id)
    flash(_("已启用这次学习的结果，推荐正在重新计算"), "success")
    return redirect(url_for("learning.learning"), 303)
