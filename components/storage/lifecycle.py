"""How long the buckets keep what, and in which class. Pure.

No lifecycle here ends the current version of anything but a log: patient data goes only when somebody deletes it, and
even then stays for as long as noncurrent versions do. In the audit bucket that is never less than its lock lasts.
"""

from __future__ import annotations

from typing import Final

from pulumi_aws import s3

from components.storage import rules

_ABORT_DAYS: Final = 7
# Most reads of a document come in its first month, and what is replaced within it pays for no move. Also the least that
# S3 asks for before STANDARD_IA.
_TRANSITION_DAYS: Final = 30
# Both classes answer in milliseconds, so that neither a patient nor a recovery waits: documents that nobody can tell
# when they are read again find their own tier, backups and evidence are hardly ever read. Texts stay where they are:
# most are smaller than the 128 KB below which no class is cheaper.
_TRANSITIONS: Final = {
    rules.UPLOADS: "INTELLIGENT_TIERING",
    rules.IMAGES.name: "INTELLIGENT_TIERING",
    rules.BACKUPS: "STANDARD_IA",
    rules.AUDIT: "STANDARD_IA",
}


def rules_of(
    role: str, *, noncurrent_days: int, access_log_days: int, audit_days: int
) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """The lifecycle of the bucket called `role`."""
    parts = rules.PARTS[role]
    found = [
        _rule(
            "abort-incomplete-uploads",
            abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=_ABORT_DAYS,
            ),
        ),
    ]
    for part in parts:
        name = f"-{part.name}" if len(parts) > 1 else ""
        found += _of_part(role, part, name, noncurrent_days=noncurrent_days, audit_days=audit_days)
    if role == rules.LOGS:
        expiration = s3.BucketLifecycleConfigurationRuleExpirationArgs(days=access_log_days)
        found.append(_rule("expire-logs", expiration=expiration))
    return found


def _of_part(
    role: str, part: rules.Part, name: str, *, noncurrent_days: int, audit_days: int
) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """The rules for a part of the bucket called `role`; `name` tells them from those of other parts."""
    # An old version starts to count when it is replaced, so it outlives the lock, which counts from its beginning.
    asked = max(noncurrent_days, audit_days) if role == rules.AUDIT else noncurrent_days
    kept_days = min(asked, part.noncurrent_days) if part.noncurrent_days else asked
    found = [
        _rule(
            f"expire-noncurrent-versions{name}",
            part.prefix,
            noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=kept_days,
            ),
            # Ends a delete marker once no version is left behind it; never an object. Of logs a rule of their own ends
            # both, and S3 may refuse two expirations for one set of objects.
            expiration=None
            if role == rules.LOGS
            else s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        ),
    ]
    if part.name in _TRANSITIONS:
        transition = s3.BucketLifecycleConfigurationRuleTransitionArgs(
            days=_TRANSITION_DAYS, storage_class=_TRANSITIONS[part.name]
        )
        found.append(_rule(f"store-for-less{name}", part.prefix, transitions=[transition]))
    return found


def _rule(
    id_: str,
    prefix: str = "",
    *,
    abort_incomplete_multipart_upload: s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs
    | None = None,
    noncurrent_version_expiration: s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs | None = None,
    expiration: s3.BucketLifecycleConfigurationRuleExpirationArgs | None = None,
    transitions: list[s3.BucketLifecycleConfigurationRuleTransitionArgs] | None = None,
) -> s3.BucketLifecycleConfigurationRuleArgs:
    """A rule for what lies under `prefix`, by default for everything in the bucket."""
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=id_,
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix or None),
        abort_incomplete_multipart_upload=abort_incomplete_multipart_upload,
        noncurrent_version_expiration=noncurrent_version_expiration,
        expiration=expiration,
        transitions=transitions,
    )
