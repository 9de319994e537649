"""How a camp reviews, in the log: before the first step of a review, and after each change of camp.toml.

The manifest pins people, keys, policy and data sets, and nothing of this: a longer claim or a larger request is the
organiser's affair while a camp goes on. But under which rules somebody voted, and when records were let out at all,
must be there for whoever asks later. So it is written down before the first step that is taken under it.
"""

from __future__ import annotations

from typing import Final

from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.incidents import is_closed
from output_review.services.zone import ControlZone

RULES: Final = "review_rules"


def log_rules(zone: ControlZone) -> bool:
    """Write down how the camp reviews if the log does not say so already, and return whether it was written.

    The caller takes no step before this. Of a camp that is closed the log has ended, and no step is taken any more.
    """
    if is_closed(zone.camp.folder):
        return False
    from django.db import transaction

    from output_review.models import CampRow

    facts = zone.camp.review_rules.facts()
    said = canonical_json({name: list(one) if isinstance(one, tuple) else one for name, one in facts.items()}).decode()
    if CampRow.objects.filter(review_rules=said).exists():
        return False
    with transaction.atomic():
        # Of two who find it unsaid one says it: the other one's change waits for the first, and then finds nothing.
        if not CampRow.objects.exclude(review_rules=said).update(review_rules=said):
            return False
        zone.log("organiser", RULES, facts)
    return True
