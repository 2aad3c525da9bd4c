"""One place of the set-up is changed through the file: the rest stays, and a refusal names its field."""

from datetime import UTC, datetime

import pytest

from booking import transfer
from booking.models import Provider
from tests.booking.provider_files import BIANCHI, NOK, content

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "path", "field"),
    [
        ("services[1]", "services[1].questions[0].id", "questions[0].id"),
        ("services[1]", "services[1]", ""),
        ("services[1]", "services[10].price", "services[10].price"),
        ("services", "services[0].modes[0]", "[0].modes[0]"),
        ("places", "services[0].modes[0]", "services[0].modes[0]"),
        ("", "hours[0].to", "hours[0].to"),
    ],
    ids=["inside", "the_part_itself", "a_longer_number", "an_item_of_it", "elsewhere", "the_whole"],
)
def test_a_field_is_named_from_the_part_that_was_changed(place, path, field):
    refused = transfer.FileRefused([(path, "must be"), (path, "should be")], place=place)
    assert refused.by_field == {field: ["must be", "should be"]}


@pytest.mark.django_db
def test_an_edit_changes_one_place_and_nothing_else():
    provider = transfer.load(file=transfer.read(content(BIANCHI)), at=AT)
    before = transfer.dump(provider=provider)

    def dearer(file):
        return transfer.put(
            file["services"], path="services", key="slug", new=file["services"][1] | {"price": 12345}
        )

    changed = transfer.dump(provider=transfer.edit(provider=provider, change=dearer, at=AT))
    assert changed["services"][1].pop("price") == 12345
    del before["services"][1]["price"]
    assert changed == before


@pytest.mark.django_db
def test_an_edit_never_reaches_another_provider():
    ours = transfer.load(file=transfer.read(content(BIANCHI)), at=AT)
    theirs = transfer.load(file=transfer.read(content(NOK)), at=AT)

    def renamed(file):
        file["provider"] |= {"slug": theirs.slug, "name": "Taken over"}
        return "provider"

    with pytest.raises(transfer.FileRefused) as refused:
        transfer.edit(provider=ours, change=renamed, at=AT)
    assert refused.value.by_field == {"slug": [f"must stay {ours.slug}"]}
    assert Provider.objects.get(pk=theirs.pk).name == theirs.name
