namespace Forensics.Parsers.Bytes;

/// <summary>
/// A bounded map from a number to a value that forgets what was used least recently. Thread-safe: keys are spread over shards with a lock each, held only
/// for the look-up, never while a value is made. Two threads may make the same value at once; the first one stored stays.
/// </summary>
internal sealed class LruCache<TValue> where TValue : class
{
    private readonly Shard[] _shards;

    /// <summary>Keeps about <paramref name="capacity"/> values (at least one).</summary>
    public LruCache(int capacity)
    {
        // A shard of fewer than eight entries would evict what is in use.
        int shards = 1;
        while (shards < 16 && capacity / (shards * 2) >= 8)
        {
            shards *= 2;
        }
        _shards = new Shard[shards];
        for (int i = 0; i < shards; i++)
        {
            _shards[i] = new Shard(Math.Max(1, capacity / shards));
        }
    }

    /// <summary>The value of a key; null when it is not there.</summary>
    public TValue? Find(long key) => ShardOf(key).Find(key);

    /// <summary>Stores a value unless the key has one; returns the value that is there now.</summary>
    public TValue Add(long key, TValue value) => ShardOf(key).Add(key, value);

    private Shard ShardOf(long key) => _shards[(int)((((ulong)key ^ ((ulong)key >> 4)) & 0xFFFF) % (uint)_shards.Length)];

    private sealed class Shard(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<long, LinkedListNode<KeyValuePair<long, TValue>>> _index = [];
        private readonly LinkedList<KeyValuePair<long, TValue>> _order = [];

        public TValue? Find(long key)
        {
            lock (_lock)
            {
                if (!_index.TryGetValue(key, out LinkedListNode<KeyValuePair<long, TValue>>? node))
                {
                    return null;
                }
                Touch(node);
                return node.Value.Value;
            }
        }

        public TValue Add(long key, TValue value)
        {
            lock (_lock)
            {
                if (_index.TryGetValue(key, out LinkedListNode<KeyValuePair<long, TValue>>? present))
                {
                    Touch(present);
                    return present.Value.Value;
                }
                if (_index.Count >= capacity && _order.Last is { } oldest)
                {
                    _order.RemoveLast();
                    _index.Remove(oldest.Value.Key);
                }
                _index.Add(key, _order.AddFirst(new KeyValuePair<long, TValue>(key, value)));
                return value;
            }
        }

        private void Touch(LinkedListNode<KeyValuePair<long, TValue>> node)
        {
            if (!ReferenceEquals(_order.First, node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
            }
        }
    }
}
