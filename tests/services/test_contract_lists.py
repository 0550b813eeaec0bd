"""Technology contracts from the registration's export."""

from datetime import date

import pytest
from factories import People, make_need
from sqlalchemy import func, select

from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import ContractKind, ContractState, Direction, NeedState
from matchmaker.services.contracts import ContractDraft, sign_contract
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_reading import read_list
from matchmaker.services.upload_undo import undo_upload
from matchmaker.services.uploads import receive_upload
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need, Organisation, StateChange, TechContract, UploadRow

HEADER = (
    "合同登记编号,项目名称,合同类别,卖方名称,买方名称,合同签订日期,登记日期,"
    "合同成交额（元）,技术交易额（元）,履行状态\n"
)
COATING = (
    "33022026000101,模具涂层开发,技术开发,江州大学,华星模具有限公司,2026-03-02,2026-03-20,800000,650000,\n"
)
SENSOR = (
    "33022026000102,气孔检测传感器许可,技术许可,海城理工学院,远航汽配有限公司,2026-04-01,2026-04-09,"
    "300000,300000,\n"
)


def uploaded(database: Database, text: str, *, of: int | None = None) -> int:
    content = text.encode("utf-8-sig")
    with database.writing() as session:
        return receive_upload(
            session,
            SYSTEM,
            filename="合同登记台账.csv",
            content=content,
            reading=read_list(content, "合同登记台账.csv", answers={}),
            organisation_id=of,
        ).id


def verdicts(database: Database, upload_id: int) -> list[str]:
    with database.reading() as session:
        query = select(UploadRow.verdict).where(UploadRow.upload_id == upload_id)
        return [verdict.value for verdict in session.scalars(query.order_by(UploadRow.position))]


def confirmed(database: Database, text: str) -> int:
    upload_id = uploaded(database, text)
    with database.writing() as session:
        assert not confirm_upload(session, SYSTEM, upload_id=upload_id).outdated
    return upload_id


def test_registered_contracts_come_in_once(people: People, database: Database) -> None:
    confirmed(database, HEADER + COATING + SENSOR)
    with database.reading() as session:
        first, second = session.scalars(select(TechContract).order_by(TechContract.id))
        found = [
            (row.registration_no, row.kind, row.amount_total_fen, row.amount_tech_fen)
            for row in (first, second)
        ]
        states = {(row.status, row.direction) for row in (first, second)}
        buyers = [row.buyer_id for row in (first, second)]
    assert found == [
        ("33022026000101", ContractKind.DEVELOPMENT, 80_000_000, 65_000_000),
        ("33022026000102", ContractKind.LICENSE, 30_000_000, 30_000_000),
    ]
    assert states == {(ContractState.REGISTERED, Direction.IN)}
    assert buyers == [people.huaxing, people.yuanhang]
    assert verdicts(database, uploaded(database, HEADER + COATING + SENSOR)) == ["same", "same"]


def test_the_registration_completes_a_contract_known_by_its_parties(
    people: People, database: Database
) -> None:
    with database.writing() as session:
        contract_id = sign_contract(
            session,
            SYSTEM,
            ContractDraft(
                kind=ContractKind.DEVELOPMENT,
                title="模具涂层 开发",
                buyer_id=people.huaxing,
                seller_id=people.jiangda,
                amount_total_fen=80_000_000,
                amount_tech_fen=None,
                signed_on=date(2026, 3, 2),
            ),
        ).id
    upload_id = confirmed(database, HEADER + COATING)
    assert verdicts(database, upload_id) == ["changed"]
    with database.writing() as session:
        contract = session.scalars(select(TechContract)).one()
        assert (contract.id, contract.status, contract.registration_no, contract.amount_tech_fen) == (
            contract_id, ContractState.REGISTERED, "33022026000101", 65_000_000,
        )  # fmt: skip
        undo_upload(session, SYSTEM, upload_id=upload_id)
        assert (contract.status, contract.registration_no) == (ContractState.SIGNED, None)
        assert (contract.registered_on, contract.amount_tech_fen) == (None, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (COATING.replace(",650000,", ",900000,"), "技术交易额不能大于合同总额"),
        (COATING.replace("华星模具有限公司", "江州大学"), "买方和卖方是同一家单位"),
        (COATING.replace("2026-03-20", ""), "登记编号和登记日期要一起填写"),
    ],
)
def test_a_contract_that_cannot_be_is_parked(
    people: People, database: Database, line: str, said: str
) -> None:
    upload_id = uploaded(database, HEADER + line)
    assert verdicts(database, upload_id) == ["problem"]
    with database.reading() as session:
        (row,) = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload_id))
        assert any(said in problem["message"] for problem in row.problems)


def test_another_number_for_the_same_contract_is_asked_about(people: People, database: Database) -> None:
    confirmed(database, HEADER + COATING)
    again = COATING.replace("33022026000101", "33022026000999")
    assert verdicts(database, uploaded(database, HEADER + again)) == ["duplicate"]


def test_a_terminated_contract_is_not_counted_and_undo_leaves_nothing(
    people: People, database: Database
) -> None:
    upload_id = confirmed(database, HEADER + COATING.replace(",\n", ",已解除\n") + SENSOR)
    with database.writing() as session:
        states = [row.status for row in session.scalars(select(TechContract).order_by(TechContract.id))]
        assert states == [ContractState.TERMINATED, ContractState.REGISTERED]
        undo_upload(session, SYSTEM, upload_id=upload_id)
        counts = [
            session.scalar(select(func.count()).select_from(table)) for table in (TechContract, StateChange)
        ]
        names = set(session.scalars(select(Organisation.name)))
    assert counts == [0, 0]
    assert "海城理工学院" not in names


def test_a_need_signed_by_a_list_is_not_signed_once_the_list_is_taken_back(
    people: People, database: Database
) -> None:
    with database.writing() as session:
        need = make_need(
            session, organisation_id=people.huaxing, code="N20260301-00001", status=NeedState.MATCHING
        )
    header = HEADER.replace("履行状态", "履行状态,需求编号")
    upload_id = confirmed(database, header + COATING.replace(",\n", ",,N20260301-00001\n"))
    with database.writing() as session:
        assert session.get_one(Need, need.id).status is NeedState.CONTRACTED
        undo_upload(session, SYSTEM, upload_id=upload_id)
        assert session.get_one(Need, need.id).status is NeedState.MATCHING


def test_a_contract_that_came_to_nothing_signs_no_need(people: People, database: Database) -> None:
    with database.writing() as session:
        need = make_need(
            session, organisation_id=people.huaxing, code="N20260301-00001", status=NeedState.MATCHING
        )
    header = HEADER.replace("履行状态", "履行状态,需求编号")
    confirmed(database, header + COATING.replace(",\n", ",已解除,N20260301-00001\n"))
    with database.reading() as session:
        contract = session.scalars(select(TechContract)).one()
        found = (contract.status, contract.need_id, session.get_one(Need, need.id).status)
    assert found == (ContractState.TERMINATED, need.id, NeedState.MATCHING)


def test_a_university_s_own_list_leaves_itself_out_and_is_the_same_when_it_comes_again(
    people: People, database: Database
) -> None:
    text = (
        "合同编号,项目名称,合同类别,委托单位,合同经费（万元）,签订日期\n"
        "HX2026-018,模具涂层开发,技术开发,华星模具有限公司,25,2026-04-12\n"
    )
    first = uploaded(database, text, of=people.jiangda)
    with database.writing() as session:
        (row,) = session.scalars(select(UploadRow).where(UploadRow.upload_id == first))
        said = [problem["message"] for problem in row.problems]
        assert not confirm_upload(session, SYSTEM, upload_id=first).outdated
    again = uploaded(database, text, of=people.jiangda)

    assert said == ["表里没有写卖方，按上传单位“江州大学”记入，请核对。"]
    with database.reading() as session:
        (contract,) = session.scalars(select(TechContract))
        assert (contract.buyer_id, contract.seller_id) == (people.huaxing, people.jiangda)
    assert verdicts(database, again) == ["same"]
    assert verdicts(database, uploaded(database, text)) == ["problem"]
