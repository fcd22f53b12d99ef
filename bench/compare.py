"""The command of a comparison of clients on the same interpreter, with the same peer, for one section of bench.md."""

from page import write_section
from peer import Peer
from rates import Clients, machine, parser, table


def measure(tasks, clients, rounds, scale):
    """The rates of all rounds by task and client."""
    rates = {name: {client: [] for client in clients} for name, _ in tasks}
    with Peer() as peer:
        commands = Clients(peer, scale)
        for _ in range(rounds):
            for name, task in tasks:
                for client in clients:
                    rates[name][client].append(commands.rate(client, task, tls=False))
    return rates


def main(description, section, tasks, clients):
    """Measures (name, task) with these clients, the first one against the others. A task has COUNT first."""
    options = parser(description).parse_args()
    text = (
        f"{table(measure(tasks, clients, options.rounds, options.scale), clients)}\n"
        f"Operations a second and ratios, medians of {options.rounds} interleaved rounds.\nMachine: {machine()}.\n"
    )
    print(text)
    if options.output:
        write_section(options.output, section, text)
