"""Lists sent in as a person would, for tests."""

from matchmaker.domain.permissions import SYSTEM
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_reading import read_list
from matchmaker.services.uploads import receive_upload
from matchmaker.store.engine import Database


def taken_in(database: Database, content: bytes, name: str, *, confirm: bool = True) -> int:
    """Send a list in and, unless told otherwise, import it as previewed; return the upload's id."""
    with database.writing() as session:
        upload = receive_upload(
            session,
            SYSTEM,
            filename=name,
            content=content,
            reading=read_list(content, name, answers={}),
            consent_source="填报时同意",
        )
        if confirm:
            assert not confirm_upload(session, SYSTEM, upload_id=upload.id).outdated
        return upload.id
