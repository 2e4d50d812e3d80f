"""Starts the example bridge, records it over the live path, and holds what `verify` says against it."""
import json, os, subprocess, sys, tempfile

tapedeck = sys.argv[1]
bridge = subprocess.Popen([sys.executable, "docs/bridge.py", "0"], stdout=subprocess.PIPE, text=True)
try:
    address = bridge.stdout.readline().strip()
    assert address.startswith("ws://127.0.0.1:"), address
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "bridge.mcap")
        home = {**os.environ, "TAPEDECK_HOME": folder}
        heard = ["record", "--venue", "bridge", "--instrument", "ACME", "--endpoint", f"ws={address}", "--for", "8s"]
        subprocess.run([tapedeck, *heard, "--out", file], check=True, env=home, timeout=60, stdout=subprocess.DEVNULL)
        said = subprocess.run([tapedeck, "verify", file, "--json"], env=home, timeout=60, capture_output=True, text=True)
        told = json.loads(said.stdout)
        (one,) = told["files"][0]["instruments"]
        assert (said.returncode, told["verdict"]) == (0, "right"), told
        assert (one["venue"], one["symbol"]) == ("bridge", "ACME"), one
        assert one["book_updates"] > 50 and one["trades"] > 3, one
        assert one["gaps"] == one["crossed"] == 0, one
        other = ["check", "--venue", "bridge", "--endpoint", f"ws={address}"]
        checked = subprocess.run([tapedeck, *other], env=home, timeout=60, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        print(f"the example bridge is heard and right: {one['book_updates']} updates, {one['trades']} trades")
finally:
    bridge.kill()
    bridge.wait()
