"""A customer's company is a company like any other: its owner looks after its mail by himself."""

import pytest

from portal.domain.roles import Actor, Role
from portal.domain.secret import Secret
from tests.cast import PASSWORD


@pytest.mark.req("S1.29")
def test_its_owner_has_the_same_menu_stays_on_the_default_and_may_have_configurations_of_his_own(cast, as_, services):
    tenant = cast.cals_company
    user = services.accounts.add(
        tenant.id, email="owner@demo.test", name="Owner", role=Role.OWNER, password=Secret(PASSWORD)
    )
    owner = as_(Actor(user.id, tenant, Role.OWNER, user.email, user.name))
    page = owner.page(f"/t/{tenant.id}/mail-configs")
    assert "Provider default" in page.text
    assert [each["value"] for each in page.all("input", type="radio") if "checked" in each] == ["provider-default"]
    assert "Add config" in page.text

    config = cast.config(Actor(user.id, tenant, Role.OWNER, user.email, user.name), name="Cal's relay")
    owner.post(f"/t/{tenant.id}/selection", {"config": str(config.id)})
    assert "now using “Cal's relay”" in owner.page(f"/t/{tenant.id}/mail-configs").text
