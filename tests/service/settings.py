"""What a service is told when all is well: one configuration of what stands."""

from tests.service.certificates import Authority
from tests.service.drills import ACCOUNT, OTHER_REGION, ROLE
from tests.service.running import Json
from tests.service.servers import REGION, Aws, MariaDb, Valkey, free_port


def configuration(aws: Aws, authority: Authority, database: MariaDb, cache: Valkey) -> Json:
    """Make the bucket and the secrets, and return what names them."""
    pair = authority.issue("service")
    aws.create_bucket("medical-uploads")
    ca = str(authority.certificate)
    token = aws.secret({"token": cache.token})
    password = aws.secret({"username": "service", "password": database.password, "engine": "mysql"})
    return {
        "cell": "us",
        "side": "home",
        "region": REGION,
        "release": "starter",
        "account": ACCOUNT,
        "other_region": OTHER_REGION,
        "drill_role": ROLE,
        "listen": {
            "host": "127.0.0.1",
            "port": free_port(),
            "certificate": str(pair.certificate),
            "key": str(pair.key),
        },
        "database": {
            "host": "localhost",
            "port": database.port,
            "name": "medical",
            "secret": password,
            "ca": ca,
        },
        "cache": {"host": "localhost", "port": cache.port, "secret": token, "ca": ca},
        "buckets": {"uploads": "medical-uploads", "derived": "medical-derived"},
        "topics": {},
        "queues": {},
    }
