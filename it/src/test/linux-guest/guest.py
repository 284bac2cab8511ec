#!/usr/bin/env python3
"""Runs inside the guest. For every /job/*/case.json: sets up a receiver with the case's `ip xfrm` commands, sends it the
packets of protected.pcap, and writes what its kernel takes out of them to decapsulated.pcap.

    namespace W (w1) ---veth--- namespace B (b0, the receiver)

W has no addresses, it only injects frames. B's kernel logs every packet that an SA was removed from (NFLOG, before
routing). All captures are of link type RAW. A case is done when as many packets were logged as clear.pcap has, or when
nothing more came for a time that is far beyond what a loaded machine needs.
"""
import glob, json, os, socket, struct, subprocess, time, traceback
import ctypes

IP = '/usr/sbin/ip'
MAC_PEER, MAC_B = '02:00:00:00:00:0a', '02:00:00:00:00:0b'
LIBC = ctypes.CDLL(None, use_errno=True)
PATIENCE = 20.0


def run(words, check=True):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise RuntimeError(f'{words}: {done.stdout.strip()}')
    return done.stdout


def ip_batch(lines, ns=None):
    words = [IP] + (['-n', ns] if ns else []) + ['-batch', '-']
    done = subprocess.run(words, input='\n'.join(lines) + '\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f'{lines}: {done.stdout.strip()}')


def enter(ns):
    fd = os.open(f'/run/netns/{ns}', os.O_RDONLY)
    if LIBC.setns(fd, 0x40000000):
        raise OSError('setns ' + ns)
    os.close(fd)


def write_proc(path, value):
    try:
        with open('/proc/sys/net/' + path, 'w') as f:
            f.write(value)
    except OSError:
        pass  # not every kernel has every switch


def read_pcap(path):
    data = open(path, 'rb').read()
    order = '<' if struct.unpack('<I', data[:4])[0] in (0xa1b2c3d4, 0xa1b23c4d) else '>'
    at, packets = 24, []
    while at + 16 <= len(data):
        length = struct.unpack(order + 'I', data[at + 8:at + 12])[0]
        packets.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return packets


def write_pcap(path, packets):
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i, p in enumerate(packets):
            f.write(struct.pack('<IIII', 0, i, len(p), len(p)) + p)


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def frame(packet):
    return mac(MAC_B) + mac(MAC_PEER) + (b'\x08\x00' if packet[0] >> 4 == 4 else b'\x86\xdd') + packet


def still_wrapped(packet):
    """True for a packet that another SA has yet to be removed from."""
    if packet[0] >> 4 == 4:
        return packet[9] in (50, 51, 108, 4, 41)
    following, at = packet[6], 40
    while following in (0, 43, 60) and at + 2 <= len(packet):
        following, at = packet[at], at + 8 * (packet[at + 1] + 1)
    return following in (50, 51, 108, 4, 41)


class Log:
    """Reads NFLOG group 7 of the current namespace."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        self.socket.bind((0, 0))
        self.sequence = 0
        for family in (socket.AF_INET, socket.AF_INET6):
            self.configure(family, 0, 1, struct.pack('B', 4))
            self.configure(family, 0, 1, struct.pack('B', 3))
        self.configure(0, 7, 1, struct.pack('B', 1))
        self.configure(0, 7, 2, struct.pack('>IBx', 0xffff, 2))
        self.configure(0, 7, 5, struct.pack('>I', 1))
        self.configure(0, 7, 4, struct.pack('>I', 1))
        self.socket.settimeout(0.2)

    def configure(self, family, group, kind, value):
        attribute = struct.pack('=HH', 4 + len(value), kind) + value
        attribute += b'\0' * (-len(attribute) % 4)
        body = struct.pack('>BBH', family, 0, group) + attribute
        self.sequence += 1
        self.socket.send(struct.pack('=IHHII', 16 + len(body), (4 << 8) | 1, 1 | 4, self.sequence, 0) + body)
        error = struct.unpack('=i', self.socket.recv(65536)[16:20])[0]
        if error and family == 0:
            raise OSError(-error, 'nflog')

    def read(self, wanted):
        """Packets in the order they were logged: `wanted` of them, or fewer if PATIENCE runs out."""
        packets, last = [], time.monotonic()
        while len(packets) < wanted and time.monotonic() - last < PATIENCE:
            try:
                data = self.socket.recv(1 << 20)
            except TimeoutError:
                continue
            last, at = time.monotonic(), 0
            while at + 16 <= len(data):
                length, kind = struct.unpack('=IH', data[at:at + 6])
                if length < 16:
                    break
                if kind == 4 << 8:
                    packets += self.payloads(data[at + 20:at + length])
                at += (length + 3) & ~3
        return packets

    @staticmethod
    def payloads(attributes):
        at = 0
        while at + 4 <= len(attributes):
            length, kind = struct.unpack('=HH', attributes[at:at + 4])
            if length < 4:
                return
            if kind & 0x7fff == 9 and not still_wrapped(attributes[at + 4:at + length]):
                yield attributes[at + 4:at + length]
            at += (length + 3) & ~3


def set_up():
    ip_batch([f'netns del {n}' for n in 'WB' if os.path.exists('/run/netns/' + n)] + ['netns add W', 'netns add B'])
    enter('W')
    ip_batch([f'link add w1 mtu 9000 numtxqueues 1 type veth peer name b0 address {MAC_B} mtu 9000 netns B'])
    write_proc('ipv6/conf/w1/disable_ipv6', '1')
    enter('B')
    for device in ('b0', 'all', 'default'):
        for name, value in (('ipv4/conf/%s/rp_filter', '0'), ('ipv6/conf/%s/accept_dad', '0'), ('ipv6/conf/%s/autoconf', '0'),
                            ('ipv6/conf/%s/accept_ra', '0'), ('ipv6/conf/%s/addr_gen_mode', '1'), ('ipv4/conf/%s/accept_local', '1')):
            write_proc(name % device, value)
    write_proc('ipv4/ip_forward', '1')
    write_proc('ipv6/conf/all/forwarding', '1')
    enter('W')
    ip_batch(['link set w1 up'])
    ip_batch(['link set lo up', 'link set b0 up'], 'B')


def run_case(folder):
    case = json.load(open(folder + '/case.json'))
    set_up()
    v6 = ':' in case['addr_a']
    peer = case['addr_a'].split('/')[0]
    lines = [f"addr add {case['addr_b']} dev b0" + (' nodad' if v6 else ''), f'neigh add {peer} lladdr {MAC_PEER} dev b0 nud permanent']
    lines += [f'addr add {a} dev lo' + (' nodad' if ':' in a else '') for a in case.get('local_b', [])]
    ip_batch(lines, 'B')
    ip_batch(case['receiver'], 'B')
    enter('B')
    keep = None
    if case.get('encap_port'):
        keep = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
        keep.bind(('::' if v6 else '0.0.0.0', case['encap_port']))
        keep.setsockopt(socket.IPPROTO_UDP, 100, 2)  # UDP_ENCAP_ESPINUDP
    tables = 'ip6tables-legacy' if case['inner_family'] == 6 else 'iptables-legacy'
    run(['/usr/sbin/' + tables, '-t', 'raw', '-A', 'PREROUTING', '-m', 'policy', '--dir', 'in', '--pol', 'ipsec',
         '-j', 'NFLOG', '--nflog-group', '7'])
    log = Log()
    enter('W')
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind(('w1', 3))
    wanted = len(read_pcap(folder + '/clear.pcap'))
    for packet in read_pcap(folder + '/protected.pcap'):
        wire.send(frame(packet))
    got = log.read(wanted)
    write_pcap(folder + '/decapsulated.pcap', got)
    enter('B')
    stat = {k: int(v) for k, v in (line.split() for line in open('/proc/net/xfrm_stat')) if int(v)}
    enter('W')
    return f'{len(got)} of {wanted} {stat}'


def main():
    for module in ('esp4 esp6 ah4 ah6 ipcomp ipcomp6 xfrm_user xfrm4_tunnel xfrm6_tunnel tunnel4 tunnel6 veth iptable_raw '
                   'ip6table_raw xt_policy xt_NFLOG nfnetlink_log af_packet').split():
        run(['/bin/mp', module], check=False)
    run([IP, 'link', 'set', 'lo', 'up'])
    for path in sorted(glob.glob('/job/*/case.json')):
        folder = os.path.dirname(path)
        try:
            print('GUEST', os.path.basename(folder), run_case(folder), flush=True)
        except Exception as e:
            traceback.print_exc()
            print('GUEST', os.path.basename(folder), 'failed:', repr(e)[:400], flush=True)
    print('GUEST done', flush=True)


if __name__ == '__main__':
    main()
