"""Results as Markdown, JSON and an SVG chart; and the bars, held against them."""
import json
import os
import platform
import re
import statistics
import subprocess


def version_of(command):
    try:
        run = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return "not found"
    text = run.stdout + run.stderr
    return text.strip().splitlines()[0] if text.strip() else "unknown"


def machine(date, binary):
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read())
    return {"date": date, "cpus": os.cpu_count(), "cpu": model[1] if model else platform.machine(), "kernel": platform.release(),
            "congestion_control": open("/proc/sys/net/ipv4/tcp_congestion_control").read().strip(),
            "versions": {"nginx": version_of(["nginx", "-v"]), "haproxy": version_of(["haproxy", "-v"]), "wrk": version_of(["wrk", "-v"]),
                         "fairlead": version_of([binary, "--version"])}}


def median(rounds, key):
    return statistics.median(one[key] for one in rounds)


def summarise(rounds):
    """Medians, with min and max of the CPU figure, and every error of every round."""
    keys = [key for key in rounds[0] if isinstance(rounds[0][key], (int, float))]
    summary = {key: median(rounds, key) for key in keys}
    summary["us_min"] = min(one.get("us", 0) for one in rounds)
    summary["us_max"] = max(one.get("us", 0) for one in rounds)
    summary["errors"] = {key: sum(one["errors"][key] for one in rounds) for key in rounds[0].get("errors", {})}
    summary["notes"] = sorted({note for one in rounds for note in one["notes"]})
    return summary


def check_bars(scenario, rows):
    """(text, held) for each bar of a scenario; "best" and "worst" are those of nginx and haproxy without its log."""
    answers = []
    ours = rows.get("fairlead")
    if not ours:
        return answers
    for figure, peer, limit in scenario.bars:
        if not peer:
            answers.append((f"{scenario.name}: {figure} {ours[figure]:.1f} (bar {limit})", ours[figure] <= limit))
            continue
        peers = ["nginx", "haproxy-nolog"] if peer in ("best", "worst") else [peer]
        values = [rows[name][figure] for name in peers if name in rows]
        if not values or min(values) == 0:
            continue
        ratio = ours[figure] / (max(values) if peer == "worst" else min(values))
        answers.append((f"{scenario.name}: {figure} {ratio:.2f} x {peer} (bar {limit:.2f})", ratio <= limit))
    return answers


def markdown(info, scenarios, results, bars, syscalls):
    lines = [f"# Measured on {info['date']}", "",
             f"{info['cpus']} x {info['cpu']}, kernel {info['kernel']}, congestion control {info['congestion_control']}; " +
             "; ".join(info["versions"].values()) + ".", "",
             "The proxy runs on CPU 0, upstream and load generator on CPU 1: compare CPU per request. Requests per second are the pair's,",
             "and where the generator's CPU is at 97 % or more they say nothing of the proxy (marked *). Medians of interleaved rounds.", ""]
    for scenario in scenarios:
        rows = results.get(scenario.name)
        if not rows:
            continue
        lines += [f"## {scenario.name}: {scenario.what}", "",
                  "| subject | CPU µs/req (user) | min–max | rps | p50 µs | p90 | p99 | p99.9 | p99 over direct | core % | RSS MiB | ctx sw/req | x nginx | x haproxy-nolog | x relay | errors, notes |",
                  "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
        for name, row in rows.items():
            ratio = lambda peer: f"{row['us'] / rows[peer]['us']:.2f}" if peer in rows and rows[peer]["us"] and name != "direct" else "-"
            errors = ", ".join(f"{key} {value}" for key, value in row["errors"].items() if value)
            ready = f"ready in {row['ready']:.0f} ms" if "ready" in row else ""
            over = f"{row['p99'] - rows['direct']['p99']:.0f}" if "direct" in rows and name != "direct" and row["p99"] else "-"
            bound = "*" if row.get("cpu1", 0) >= 97 else ""
            lines.append(f"| {name} | {row['us']:.1f} ({row['user']:.1f}) | {row['us_min']:.1f}–{row['us_max']:.1f} | {row['rps']:.0f}{bound} | {row['p50']:.0f} | "
                         f"{row['p90']:.0f} | {row['p99']:.0f} | {row['p999']:.0f} | {over} | {row.get('core', 0):.1f} | {row['rss']:.0f} | {row['switches']:.2f} | {ratio('nginx')} | "
                         f"{ratio('haproxy-nolog')} | {ratio('relay')} | {'; '.join(filter(None, [errors, ready, *row['notes']]))} |")
        lines.append("")
    if syscalls:
        lines += ["## System calls per request (64 connections, counted by strace)", "", "| subject | total | of which |", "|---|---|---|"]
        for name, calls in syscalls.items():
            top = ", ".join(f"{call} {count:.2f}" for call, count in sorted(calls.items(), key=lambda pair: -pair[1])[:6])
            lines.append(f"| {name} | {sum(calls.values()):.2f} | {top} |")
        lines.append("")
    if bars:
        lines += ["## Bars", ""] + [f"- {'held' if held else '**missed**'}: {text}" for text, held in bars] + [""]
    return "\n".join(lines)


def chart(scenarios, results):
    """A bar per subject and scenario: CPU per request, in units of nginx's."""
    colours = {"fairlead": "#1f6feb", "nginx": "#8b949e", "haproxy-nolog": "#d29922", "haproxy": "#a67c1a", "relay": "#3fb950"}
    shown = [scenario for scenario in scenarios if results.get(scenario.name, {}).get("nginx", {}).get("us")]
    parts, y = [], 30
    for scenario in shown:
        rows = results[scenario.name]
        parts.append(f'<text x="10" y="{y}" font-weight="bold">{scenario.name}</text>')
        y += 8
        for name, colour in colours.items():
            if name not in rows or not rows[name]["us"]:
                continue
            ratio = rows[name]["us"] / rows["nginx"]["us"]
            parts.append(f'<rect x="130" y="{y}" width="{min(ratio, 2.2) * 220:.0f}" height="12" fill="{colour}"/>'
                         f'<text x="124" y="{y + 10}" text-anchor="end">{name}</text><text x="{135 + min(ratio, 2.2) * 220:.0f}" y="{y + 10}">{ratio:.2f}</text>')
            y += 16
        y += 18
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="700" height="{y}" font-family="sans-serif" font-size="11">'
            f'<rect width="700" height="{y}" fill="white"/><text x="10" y="14">CPU per request, nginx = 1 (less is better)</text>{"".join(parts)}</svg>\n')


def write(directory, info, scenarios, results, syscalls):
    bars = [bar for scenario in scenarios for bar in check_bars(scenario, results.get(scenario.name, {}))]
    text = markdown(info, scenarios, results, bars, syscalls)
    with open(os.path.join(directory, "results.md"), "w") as out:
        out.write(text)
    with open(os.path.join(directory, "results.json"), "w") as out:
        json.dump({"machine": info, "results": results, "syscalls": syscalls, "bars": [{"text": t, "held": h} for t, h in bars]}, out, indent=1)
    with open(os.path.join(directory, "chart.svg"), "w") as out:
        out.write(chart(scenarios, results))
    return text, bars
