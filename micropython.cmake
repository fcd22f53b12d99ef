# Lets USER_C_MODULES be the folder of this repository where a port builds with CMake, as with make.
include(${CMAKE_CURRENT_LIST_DIR}/port/micropython.cmake)
