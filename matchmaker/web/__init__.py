"""The pages."""

from pathlib import Path

from flask import Flask

ROOT = str(Path(__file__).parent)


def register(app: Flask) -> None:
    """Hang every blueprint on the application: one list, read from top to bottom."""
    from matchmaker.web import (
        accounts,
        achievements,
        answers,
        claims,
        contacts,
        desk,
        desk_guests,
        desk_paper,
        duplicates,
        event_pairing,
        event_people,
        events,
        experts,
        health,
        leader,
        learning,
        match_rules,
        matches,
        my_events,
        need_questions,
        need_review,
        need_split,
        needs,
        notices,
        organisations,
        organiser,
        own_data,
        pairing_edits,
        papers,
        public,
        queue,
        registration,
        settings,
        tracking,
        tracking_deals,
        upload_batch,
        uploads,
        users,
    )

    modules = (
        public,
        accounts,
        own_data,
        users,
        registration,
        contacts,
        organisations,
        duplicates,
        settings,
        needs,
        need_review,
        need_questions,
        need_split,
        matches,
        match_rules,
        learning,
        uploads,
        upload_batch,
        achievements,
        experts,
        events,
        event_people,
        event_pairing,
        desk,
        desk_guests,
        desk_paper,
        papers,
        pairing_edits,
        my_events,
        answers,
        claims,
        organiser,
        leader,
        tracking,
        tracking_deals,
        notices,
        queue,
        health,
    )
    # some modules share a blueprint: each is hung up once
    for blueprint in dict.fromkeys(module.blueprint for module in modules):
        app.register_blueprint(blueprint)
