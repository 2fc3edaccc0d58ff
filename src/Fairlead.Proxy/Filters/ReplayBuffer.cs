using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Filters;

/// <summary>A request body kept while no connection is there to take it, or while a retry may need it again.</summary>
internal sealed class ReplayBuffer(BufferPool pool)
{
    private readonly List<byte[]> _blocks = [];

    public long Length { get; private set; }

    /// <summary>Blocks in order; the last holds <see cref="Length"/> modulo the block size (or a whole block).</summary>
    public int BlockCount => _blocks.Count;

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var used = (int)(Length - ((long)(_blocks.Count - 1) * BufferPool.BlockBytes));
            if (_blocks.Count == 0 || used == BufferPool.BlockBytes)
            {
                _blocks.Add(pool.Rent());
                used = 0;
            }
            var take = Math.Min(data.Length, BufferPool.BlockBytes - used);
            data[..take].CopyTo(_blocks[^1].AsSpan(used));
            Length += take;
            data = data[take..];
        }
    }

    public ReadOnlySpan<byte> Block(int index) =>
        _blocks[index].AsSpan(0, (int)Math.Min(BufferPool.BlockBytes, Length - ((long)index * BufferPool.BlockBytes)));

    public void Clear()
    {
        foreach (var block in _blocks) pool.Return(block);
        _blocks.Clear();
        Length = 0;
    }
}
