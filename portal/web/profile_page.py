"""Knows how the page of a profile is shown: its name, who is in it, and what was typed wrongly."""

from http import HTTPStatus

from werkzeug.wrappers import Response

from portal.domain.people import UserQuery
from portal.domain.profiles import Profile
from portal.web.forms.profiles import MembersForm, ProfileForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.responses import page


def show_profile(
    profile: Profile,
    *,
    form: ProfileForm | None = None,
    members_form: MembersForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """The page, with the forms as they were typed or else as they are saved."""
    saved = {"name": profile.name, "version": str(profile.version)}
    return page(
        "profiles/show.html",
        status=status,
        tenant=current_tenant(),
        profile=profile,
        form=form or ProfileForm(formdata=None, data=saved),
        members=services().users.page(current_actor(), profile.tenant_id, UserQuery(profile_id=profile.id)),
        members_form=members_form or MembersForm(formdata=None),
        changed_meanwhile=status is HTTPStatus.CONFLICT,
    )
