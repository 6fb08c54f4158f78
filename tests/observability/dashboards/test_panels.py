from __future__ import annotations

import json
from typing import Any

import pytest
from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from components.observability.dashboards import definitions
from components.observability.dashboards.config_maps import DATA
from components.observability.dashboards.layout import Row, compose
from components.observability.dashboards.panels import DATASOURCE_UID, UNITS, number
from tests.observability.dashboards.shown import NAMES, filled, panels, shown, targets, variables

COLUMNS = 24

every_dashboard = pytest.mark.parametrize("name", NAMES)


def test_the_files_are_what_the_definitions_give() -> None:
    written = {file.name: file.read_text() for file in DATA.iterdir()}
    made = {f"{name}.json": definitions.to_json(build()) for name, build in definitions.DASHBOARDS.items()}
    assert written == made, "run: make dashboards"
    assert set(definitions.DASHBOARDS) == set(NAMES)


@every_dashboard
def test_a_dashboard_is_the_same_each_time_it_is_built(name: str) -> None:
    build = definitions.DASHBOARDS[name]
    assert definitions.to_json(build()) == definitions.to_json(build())


@every_dashboard
def test_grafana_s_types_read_a_dashboard_as_it_was_meant(name: str) -> None:
    register_default_plugins()
    assert definitions.to_json(Dashboard.from_json(shown(name))) == definitions.to_json(definitions.DASHBOARDS[name]())


def test_dashboards_have_names_and_addresses_of_their_own() -> None:
    found = [shown(name) for name in NAMES]
    for key in ("uid", "title"):
        assert len({dashboard[key] for dashboard in found}) == len(NAMES)
    # Grafana's limit.
    assert all(len(dashboard["uid"]) <= 40 for dashboard in found)


@every_dashboard
def test_every_panel_asks_a_question_and_explains_itself(name: str) -> None:
    for panel in panels(name):
        title = panel["title"]
        defaults = panel["fieldConfig"]["defaults"]
        assert title.endswith("?"), title
        assert len(panel["description"]) > 10, title
        assert panel["description"].endswith("."), title
        assert defaults["unit"] in UNITS.values(), title
        assert defaults["noValue"], title
        assert not defaults["noValue"].endswith("."), title


@every_dashboard
def test_no_dashboard_asks_a_question_twice(name: str) -> None:
    titles = [panel["title"] for panel in panels(name)]
    assert len(set(titles)) == len(titles)


@every_dashboard
def test_panels_have_numbers_of_their_own(name: str) -> None:
    found = [panel["id"] for panel in shown(name)["panels"]]
    assert len(set(found)) == len(found)


@every_dashboard
def test_panels_lie_side_by_side_on_the_grid_without_gaps_at_the_end_of_a_line(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in shown(name)["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert all(0 <= x < COLUMNS for x, _ in cells), panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells
    lines = {y for _, y in taken}
    assert all((x, y) in taken for y in lines for x in range(COLUMNS))


@every_dashboard
def test_everything_is_asked_of_the_one_data_source(name: str) -> None:
    asking: list[dict[str, Any]] = [*panels(name), *shown(name)["templating"]["list"]]
    asking += [target for panel in panels(name) for target in panel["targets"]]
    assert {found["datasource"]["uid"] for found in asking} == {DATASOURCE_UID}


@every_dashboard
def test_all_variables_in_use_can_be_chosen_and_all_that_can_be_chosen_are_in_use(name: str) -> None:
    chosen = list(variables(name))
    asked = [target.expression for target in targets(name)]
    for expression in asked:
        filled(expression, dict.fromkeys(chosen, "x"))
    for index, variable in enumerate(chosen):
        # An earlier one may be there to narrow a later one down; never the other way.
        filled(variables(name)[variable], dict.fromkeys(chosen[:index], "x"))
        assert any(f"${variable}" in text for text in [*asked, *variables(name).values()])


@every_dashboard
def test_a_bound_is_drawn_as_a_dashed_line_of_a_query_that_is_there(name: str) -> None:
    for panel in panels(name):
        if panel["type"] != "timeseries":
            continue
        legends = {target["legendFormat"] for target in panel["targets"]}
        dashed = {override["matcher"]["options"] for override in panel["fieldConfig"].get("overrides", [])}
        assert dashed <= legends, panel["title"]


@every_dashboard
def test_columns_of_tables_have_a_query_each(name: str) -> None:
    for panel in panels(name):
        if panel["type"] != "table":
            continue
        organize = panel["transformations"][-1]["options"]
        values = {field for field in organize["renameByName"] if field.startswith("Value #")}
        assert values == {f"Value #{target['refId']}" for target in panel["targets"]}, panel["title"]
        assert set(organize["indexByName"]) == set(organize["renameByName"]), panel["title"]
        headers = set(organize["renameByName"].values())
        overridden = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
        assert overridden <= headers, panel["title"]
        assert len(headers) == len(organize["renameByName"]), panel["title"]


@every_dashboard
def test_a_dashboard_leads_to_the_others_with_the_time_shown_and_what_was_chosen(name: str) -> None:
    (link,) = shown(name)["links"]
    assert link["includeVars"]
    assert link["keepTime"]
    assert set(link["tags"]) <= set(shown(name)["tags"])


def test_the_table_of_applications_leads_to_an_application() -> None:
    (table,) = (panel for panel in panels("queue") if panel["type"] == "table")
    links = [
        changed["value"][0]["url"]
        for override in table["fieldConfig"]["overrides"]
        for changed in override["properties"]
        if changed["id"] == "links"
    ]
    target = shown("spark-application")
    assert len(links) == 1
    assert links[0].startswith(f"/d/{target['uid']}?")
    for variable in variables("spark-application"):
        assert f"var-{variable}=" in links[0]


@pytest.mark.parametrize(("limits", "color"), [({"bad_from": 1}, "red"), ({"good_from": 1}, "green"), ({}, "text")])
def test_a_number_says_by_its_color_whether_it_is_good(limits: dict[str, float], color: str) -> None:
    panel = number("Is it?", "It is.", "vector(1)", unit="count", empty="No", **limits).build()  # type: ignore[arg-type]
    defaults = json.loads(json.dumps(panel, cls=JSONEncoder))["fieldConfig"]["defaults"]
    assert defaults["thresholds"]["steps"][-1] == {"color": color, "value": 1 if limits else None}


def test_panels_that_do_not_fit_in_a_line_go_into_the_next() -> None:
    wide: list[stat.Panel] = [
        number(f"Is it {index}?", "It is.", "vector(1)", unit="count", empty="No", width=12) for index in range(3)
    ]
    built = compose("x", "X", "Is it?", [Row("Row", wide)])
    places = [(panel.grid_pos.x, panel.grid_pos.y) for panel in built.panels or [] if panel.grid_pos]
    assert places == [(0, 0), (0, 1), (12, 1), (0, 5)]
