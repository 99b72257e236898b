"""Who may import whom: infra > services > shared, services apart, rules free of frameworks."""

import sys
from pathlib import Path

from tests.architecture.source import PRODUCT, Module, file_of, modules, offenders

PURE_NAMES = {"rules.py", "seats.py", "promotion.py", "policy.py", "eligibility.py"}
PURE = [module for module in modules("services", "shared") if module.path.name in PURE_NAMES]


def frameworks(path: Path) -> set[str]:
    """What a module imports, itself or through others, that is not the standard library."""
    found: set[str] = set()
    seen, waiting = {path}, [path]
    while waiting:
        for name in Module(waiting.pop()).imports:
            top = name.partition(".")[0]
            file = file_of(name) if top in PRODUCT else None
            if file is not None and file not in seen:
                seen.add(file)
                waiting.append(file)
            elif top not in PRODUCT and top not in sys.stdlib_module_names:
                found.add(top)
    return found


def test_rules_import_no_framework() -> None:
    assert offenders(PURE, lambda module: frameworks(module.path)) == {}


def test_the_rules_are_found_at_all() -> None:
    assert {"seats.py", "promotion.py", "policy.py", "rules.py"} <= {module.path.name for module in PURE}


def test_the_check_sees_a_framework_behind_another_module(tmp_path: Path) -> None:
    rules = tmp_path / "rules.py"
    rules.write_text("import re\nfrom shared.messaging.delivery import Record\n")
    assert "pydantic" in frameworks(rules)


def test_shared_knows_no_service() -> None:
    assert offenders(modules("shared"), lambda module: imported(module, "services", "infra")) == {}


def test_a_service_knows_neither_another_nor_infra() -> None:
    def foreign(module: Module) -> list[str]:
        own = ".".join(module.name.split(".")[:2]) + "."
        return [name for name in imported(module, "services", "infra") if not f"{name}.".startswith(own)]

    assert offenders(modules("services"), foreign) == {}


def test_the_product_does_not_need_its_tests() -> None:
    assert offenders(modules(*PRODUCT), lambda module: imported(module, "tests", "pytest", "hypothesis")) == {}


def imported(module: Module, *packages: str) -> list[str]:
    """The imports of a module from any of the packages."""
    return [name for name in module.imports if name.partition(".")[0] in packages]


def test_services_reach_hosts_that_others_chose_by_one_way() -> None:
    """`shared.web.outgoing`, which refuses private addresses."""
    assert (
        offenders(modules("services"), lambda module: imported(module, "httpx", "httpx2", "aiohttp", "urllib3")) == {}
    )
