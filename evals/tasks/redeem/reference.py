from redeem_resolved import redeem_all
from secure_client import secure_client

with secure_client() as client:
    print(redeem_all(client))
