"""A machine's own measures are read at the place that the drawing means."""

from fieldlab.app.measures import read_by_machine


def test_the_width_of_an_impeller_is_not_that_of_its_odd_blades() -> None:
    measured = {"outer_mm": 67.0, "outer_max_mm": 70.02, "bore_mm": 7.99, "height_mm": 16.0}
    predicted = {"outer_mm": 67.134, "outer_max_mm": 69.999, "bore_mm": 7.997, "height_mm": 16.0}

    found = read_by_machine(measured, {"bore_mm": 8.0, "outer_mm": 70.0}, predicted)

    assert found == {"bore_mm": 7.99, "outer_mm": 70.02}


def test_a_size_that_a_machine_names_is_read_under_its_name() -> None:
    found = read_by_machine({"bore_mm": 7.6, "height_mm": 12.0}, {"bore_mm": 8.0}, {"bore_mm": 8.0})

    assert found == {"bore_mm": 7.6}
