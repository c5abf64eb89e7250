"""Where keys lie. Pure: operators may ask too."""


def partition_of(key: str, partitions: int) -> int:
    """Where a key lies: Java's murmur2, as every writer uses it (Kafka, ``Utils.murmur2``)."""
    data, mask, m = key.encode(), 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if data[whole:]:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions


def key_in(partition: int, partitions: int, stem: str) -> str:
    """A key that lies in a partition: the first of ``stem/0``, ``stem/1`` … that does."""
    n = 0
    while partition_of(f"{stem}/{n}", partitions) != partition:
        n += 1
    return f"{stem}/{n}"
